import type { Metadata } from 'next'
import { EntryQuote } from '#components/my-record/entry-quote.tsx'
import { Card } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateForPatient, formatDateTimeForPatient } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import { listMyConcerns } from '#lib/records/my-record/list-my-concerns.ts'
import type { MyConcernsView } from '#lib/records/my-record/view.ts'
import { openRecord, shown } from '../open-record.ts'
import { PatientFrame } from '../patient-frame.tsx'
import { wordFor } from '../../word-for.ts'

export const metadata: Metadata = { title: 'What you reported' }

type Props = { searchParams: Promise<{ done?: string | string[] }> }

const doneTexts: Readonly<Record<string, string>> = {
  reported: 'Thank you. The privacy officer has your report.',
  'already-reported': 'You told us about this already. Nothing was sent twice.',
}

/** What was reported about the list of who looked, and the answers. */
export default async function ReportsPage({ searchParams }: Props) {
  const actor = await requireActor('patient')
  const record = await openRecord(actor, 'access-log')
  const view = shown(await listMyConcerns(actor, record.patientId))
  const { done } = await searchParams
  return (
    <PatientFrame current="who-looked" record={record} whose={view.whose} width="reading">
      <PageStatus>{wordFor(done, doneTexts)}</PageStatus>
      <PageHeader
        title="What you reported"
        back={{ href: paths.whoLooked, label: 'Who looked' }}
        lead="Accesses that you did not recognize, and our answers."
      />
      {view.concerns.length === 0 ? (
        <EmptyState>
          You reported nothing. Open an entry under “Who looked” to tell us that you do not recognize it.
        </EmptyState>
      ) : (
        view.concerns.map((concern, at) => (
          <Report
            key={concern.id}
            concern={concern}
            number={view.concerns.length > 1 ? view.concerns.length - at : null}
          />
        ))
      )}
    </PatientFrame>
  )
}

type ReportProps = {
  concern: MyConcernsView['concerns'][number]
  /** tells apart those of the same minute, the first one is 1; null for the only one */
  number: number | null
}

function Report({ concern, number }: ReportProps) {
  const { status, reportedAt, dueAt, answeredAt, entry, body, answer } = concern
  return (
    <Card
      title={`${number === null ? 'Reported on' : `Report ${number}:`} ${formatDateTimeForPatient(reportedAt)}`}
      aside={
        status === 'answered' ? (
          <Tag tone="ok">Answered</Tag>
        ) : (
          <Tag tone="info">{status === 'open' ? 'Sent' : 'We are looking into it'}</Tag>
        )
      }
    >
      <div className="space-y-4">
        <EntryQuote entry={entry} />
        <div>
          <h3>You wrote</h3>
          <p className="whitespace-pre-wrap">{body}</p>
        </div>
        {answer !== null && answeredAt !== null ? (
          <div>
            <h3>Our answer, {formatDateForPatient(answeredAt)}</h3>
            <p className="whitespace-pre-wrap">{answer}</p>
          </div>
        ) : (
          <p className="text-muted">You get an answer by {formatDateForPatient(dueAt)}.</p>
        )}
      </div>
    </Card>
  )
}
