import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { absentItems } from '#components/shell/navigation.ts'
import { PatientShell } from '#components/shell/patient-shell.tsx'
import { SessionGuard } from '#components/shell/session-guard.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { RadioGroup } from '#components/ui/radio-group.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { requireActor, sessionTimes } from '#lib/auth/require-actor.ts'
import { readChosenRecord } from '#lib/auth/chosen-record.ts'
import { paths } from '#lib/paths.ts'
import { nameRecords } from '#lib/records/my-record/name-records.ts'
import { showRecord } from './actions.ts'

export const metadata: Metadata = { title: 'Choose a record' }

/** For somebody who acts for several people: whose record the pages show. */
export default async function ChooseRecordPage() {
  const actor = await requireActor('patient')
  const [records, chosen, times] = await Promise.all([nameRecords(actor), readChosenRecord(), sessionTimes()])
  if (records.length < 2) redirect(paths.home)
  return (
    <PatientShell
      current={null}
      name={null}
      absent={['home', ...absentItems([])]}
      width="reading"
      guard={times && <SessionGuard {...times} />}
    >
      <PageHeader title="Whose record do you want to see?" lead="You can change it later, on every page." />
      <form action={showRecord} className="space-y-6">
        <RadioGroup
          name="record"
          legend="Record"
          framed
          options={records.map(({ patientId, name }) => ({ value: patientId, label: name }))}
          defaultValue={chosen ?? undefined}
        />
        <SubmitButton pendingText="Opening…">Show this record</SubmitButton>
      </form>
    </PatientShell>
  )
}
