import type { ReactNode } from 'react'
import { SessionGuard } from '#components/shell/session-guard.tsx'
import { StaffShell } from '#components/shell/staff-shell.tsx'
import type { NavKey } from '#components/shell/navigation.ts'
import { sessionTimes } from '#lib/auth/require-actor.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { signedInPerson } from '../signed-in-person.ts'

type Props = { actor: Actor; current: NavKey<'compliance'>; children: ReactNode }

/** The frame of the compliance officer's pages. */
export async function ComplianceFrame({ actor, current, children }: Props) {
  const times = await sessionTimes()
  return (
    <StaffShell
      audience="compliance"
      current={current}
      person={await signedInPerson(actor)}
      guard={times && <SessionGuard {...times} />}
    >
      {children}
    </StaffShell>
  )
}
