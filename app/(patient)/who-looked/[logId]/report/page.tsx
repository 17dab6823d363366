import { randomUUID } from 'node:crypto'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { EntryQuote } from '#components/my-record/entry-quote.tsx'
import { ClinicPhone } from '#components/shell/clinic-phone.tsx'
import { Card } from '#components/ui/card.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { paths } from '#lib/paths.ts'
import { openAccessEntry } from '#lib/records/my-record/open-access-entry.ts'
import { openRecord, shown } from '../../../open-record.ts'
import { PatientFrame } from '../../../patient-frame.tsx'
import { requireRecordId } from '../../../record-id.ts'
import { reportAction } from './actions.ts'
import { ReportForm } from './report-form.tsx'

export const metadata: Metadata = { title: 'Report an access' }

type Props = { params: Promise<{ logId: string }> }

/** "I don't recognize this": the entry, what worries about it, and what happens next. */
export default async function ReportPage({ params }: Props) {
  const actor = await requireActor('patient')
  const record = await openRecord(actor, 'access-log')
  const logId = requireRecordId((await params).logId)
  const entry = shown(await openAccessEntry(actor, record.patientId, logId))
  if (entry.own || entry.whose === null) notFound()
  const { access, at } = entry
  return (
    <PatientFrame current="who-looked" record={record} whose={entry.whose} width="reading">
      <PageHeader
        title="I don’t recognize this"
        back={{ href: paths.access(logId), label: 'One access' }}
        lead="Tell us, and the privacy officer looks into it."
      />
      <Card title="This is about">
        <EntryQuote
          entry={{ name: access.name, role: access.role, what: access.what, why: access.why, at }}
        />
      </Card>
      <Card title="Your report">
        <ReportForm action={reportAction.bind(null, logId)} formKey={randomUUID()} />
      </Card>
      <Card title="What happens next">
        <ul className="list-disc space-y-1.5 pl-5">
          <li>The privacy officer reads it. The person it is about does not.</li>
          <li>You get an answer within 30 days, here in the portal.</li>
          <li>You will not be treated differently for asking.</li>
          <li>
            You would rather talk? Call <ClinicPhone /> and ask for the privacy officer.
          </li>
        </ul>
      </Card>
    </PatientFrame>
  )
}
