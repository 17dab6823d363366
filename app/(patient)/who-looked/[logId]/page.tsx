import type { Metadata } from 'next'
import { ProofCard } from '#components/my-record/proof-card.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { ButtonRow } from '#components/ui/button-row.tsx'
import { Card } from '#components/ui/card.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateTimeForPatient } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import { openAccessEntry } from '#lib/records/my-record/open-access-entry.ts'
import { openRecord, shown } from '../../open-record.ts'
import { PatientFrame } from '../../patient-frame.tsx'
import { requireRecordId } from '../../record-id.ts'

export const metadata: Metadata = { title: 'One access' }

type Props = { params: Promise<{ logId: string }> }

/** One entry of the list of who looked: everything it says, what proves it, and what to do about it. */
export default async function AccessPage({ params }: Props) {
  const actor = await requireActor('patient')
  const record = await openRecord(actor, 'access-log')
  const logId = requireRecordId((await params).logId)
  const entry = shown(await openAccessEntry(actor, record.patientId, logId))
  const { access } = entry
  return (
    <PatientFrame current="who-looked" record={record} whose={entry.whose} width="reading">
      <PageHeader
        title="One access"
        back={{ href: paths.whoLooked, label: 'Who looked' }}
        lead={`${access.name}, ${formatDateTimeForPatient(entry.at)}`}
      />
      <Card title="What is written down">
        <SummaryList
          items={[
            { label: 'Who', value: [access.name, access.role].filter(Boolean).join(', ') },
            { label: 'When', value: formatDateTimeForPatient(entry.at) },
            {
              label: 'What',
              value: (
                <>
                  {access.emergency && <Tag tone="emergency">Emergency access</Tag>}
                  {access.refused && <Tag tone="warn">Refused</Tag>} {access.what}.
                </>
              ),
            },
            { label: 'Why', value: access.why },
            ...access.details.map(({ about, fields }) => ({ label: about, value: fields.join(', ') })),
          ]}
        />
        {!entry.own && (
          <div className="mt-4">
            <ButtonRow>
              <LinkButton href={paths.accessReport(logId)} variant="secondary">
                I don’t recognize this
              </LinkButton>
            </ButtonRow>
          </div>
        )}
      </Card>
      <ProofCard proof={entry.proof} proofHref={paths.accessProof(logId)} verifierHref={paths.verifier} />
      <p className="text-sm text-muted">
        Did you report something before? <AppLink href={paths.reports}>See what you reported</AppLink>.
      </p>
    </PatientFrame>
  )
}
