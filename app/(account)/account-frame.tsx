import type { ReactNode } from 'react'
import { absentItems } from '#components/shell/navigation.ts'
import { PatientShell } from '#components/shell/patient-shell.tsx'
import { SessionGuard } from '#components/shell/session-guard.tsx'
import { StaffShell } from '#components/shell/staff-shell.tsx'
import { readChosenRecord } from '#lib/auth/chosen-record.ts'
import { sessionTimes } from '#lib/auth/require-actor.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { areaOfRole } from '#lib/policy/roles.ts'
import { chooseRecord } from '#lib/records/my-record/choose-record.ts'
import { signedInPerson } from '../signed-in-person.ts'

/** The pages that every role has, in the frame of the role that looks at them. */
export async function AccountFrame({
  actor,
  current = 'security',
  children,
}: {
  actor: Actor
  current?: 'security' | 'notices' | null
  children: ReactNode
}) {
  const times = await sessionTimes()
  const guard = times && <SessionGuard {...times} />
  const area = actor.role === 'service' ? null : areaOfRole[actor.role]
  if (area === null || area === 'patient')
    return (
      <PatientShell
        current={current}
        name={null}
        absent={absentItems(await openParts(actor))}
        width="reading"
        guard={guard}
      >
        {children}
      </PatientShell>
    )
  return (
    <StaffShell audience={area} current={current} person={await signedInPerson(actor)} guard={guard}>
      {children}
    </StaffShell>
  )
}

/** What the person may open of the record they look at: the way to anything else is not shown. */
async function openParts(actor: Actor): Promise<readonly string[]> {
  const choice = await chooseRecord(actor, await readChosenRecord())
  return choice.kind === 'record' ? choice.record.parts : []
}
