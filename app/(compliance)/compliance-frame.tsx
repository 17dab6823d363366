import type { ReactNode } from 'react'
import { SessionGuard } from '#components/shell/session-guard.tsx'
import { StaffShell } from '#components/shell/staff-shell.tsx'
import { sessionTimes } from '#lib/auth/require-actor.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** The frame of the compliance officer's pages. */
export async function ComplianceFrame({ actor, children }: { actor: Actor; children: ReactNode }) {
  const times = await sessionTimes()
  return (
    <StaffShell
      audience="compliance"
      current="audit"
      person={{ name: actor.displayName, roleName: 'Compliance officer' }}
      guard={times && <SessionGuard {...times} />}
    >
      {children}
    </StaffShell>
  )
}
