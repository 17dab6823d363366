import type { ReactNode } from 'react'
import { SessionGuard } from '#components/shell/session-guard.tsx'
import { StaffShell } from '#components/shell/staff-shell.tsx'
import { sessionTimes } from '#lib/auth/require-actor.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { signedInPerson } from '../signed-in-person.ts'

/** The frame of billing's pages. */
export async function BillingFrame({ actor, children }: { actor: Actor; children: ReactNode }) {
  const times = await sessionTimes()
  return (
    <StaffShell
      audience="billing"
      current="queue"
      person={await signedInPerson(actor)}
      guard={times && <SessionGuard {...times} />}
    >
      {children}
    </StaffShell>
  )
}
