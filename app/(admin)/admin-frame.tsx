import type { ReactNode } from 'react'
import { SessionGuard } from '#components/shell/session-guard.tsx'
import { StaffShell } from '#components/shell/staff-shell.tsx'
import { sessionTimes } from '#lib/auth/require-actor.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { signedInPerson } from '../signed-in-person.ts'

/** The frame of the administrator's pages. */
export async function AdminFrame({
  actor,
  current,
  children,
}: {
  actor: Actor
  current: 'people' | 'sessions' | 'keys' | 'settings' | 'sign-ins' | 'single-sign-on'
  children: ReactNode
}) {
  const times = await sessionTimes()
  return (
    <StaffShell
      audience="admin"
      current={current}
      person={await signedInPerson(actor)}
      guard={times && <SessionGuard {...times} />}
    >
      {children}
    </StaffShell>
  )
}
