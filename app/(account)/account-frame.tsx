import type { ReactNode } from 'react'
import { PatientShell } from '#components/shell/patient-shell.tsx'
import { SessionGuard } from '#components/shell/session-guard.tsx'
import { StaffShell } from '#components/shell/staff-shell.tsx'
import { sessionTimes } from '#lib/auth/require-actor.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { areaOfRole, roleNames } from '#lib/policy/roles.ts'

/** The pages that every role has, in the frame of the role that looks at them. */
export async function AccountFrame({ actor, children }: { actor: Actor; children: ReactNode }) {
  const times = await sessionTimes()
  const guard = times && <SessionGuard {...times} />
  const area = actor.role === 'service' ? null : areaOfRole[actor.role]
  if (area === null || area === 'patient')
    return (
      <PatientShell current="security" name={null} width="reading" guard={guard}>
        {children}
      </PatientShell>
    )
  return (
    <StaffShell
      audience={area}
      current="security"
      person={{ name: actor.displayName, roleName: roleNames[actor.role] }}
      guard={guard}
    >
      {children}
    </StaffShell>
  )
}
