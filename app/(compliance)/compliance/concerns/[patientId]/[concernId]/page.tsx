import { randomUUID } from 'node:crypto'
import type { Metadata } from 'next'
import { AppLink } from '#components/ui/app-link.tsx'
import { Card } from '#components/ui/card.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateForStaff, formatDateTimeForStaff } from '#lib/format.ts'
import { openConcern } from '#lib/oversight/concerns/open-concern.ts'
import type { ConcernWorkView } from '#lib/oversight/concerns/view.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { ComplianceFrame } from '../../../../compliance-frame.tsx'
import { idOr404, openedOr404 } from '../../../../opened.ts'
import { TextForm } from '../../../../text-form.tsx'
import { acknowledgeAction, answerAction, noteAction } from './actions.ts'
import { wordFor } from '../../../../../word-for.ts'

export const metadata: Metadata = { title: 'Concern' }

type Props = {
  params: Promise<{ patientId: string; concernId: string }>
  searchParams: Promise<{ done?: string | string[] }>
}

const doneTexts: Readonly<Record<string, string>> = {
  done: 'You have taken it in hand. The patient sees that.',
  answered: 'The answer is sent.',
  'already-done': 'A colleague was quicker. Nothing was changed.',
  noted: 'The note is kept.',
}

/** One concern: what the patient saw and wrote, what officers noted, and the answer. */
export default async function ConcernPage({ params, searchParams }: Props) {
  const actor = await requireActor('compliance')
  const { patientId, concernId } = await params
  const view = openedOr404(await openConcern(actor, idOr404(patientId), idOr404(concernId)))
  const { done } = await searchParams
  const { concern } = view
  return (
    <ComplianceFrame actor={actor} current="concerns">
      <PageStatus>{wordFor(done, doneTexts)}</PageStatus>
      <PageHeader
        title="Concern"
        back={{ href: paths.complianceConcerns, label: 'Concerns' }}
        lead={`Patient ${view.patientReference}, reported ${formatDateTimeForStaff(concern.reportedAt)}, due ${formatDateForStaff(concern.dueAt)}. Opening it is recorded.`}
        actions={<Status status={concern.status} />}
      />
      <div className="grid items-start gap-(--gap) lg:grid-cols-2">
        <div className="space-y-(--gap)">
          <Report view={view} />
          <Notes view={view} action={noteAction.bind(null, patientId, concernId)} />
        </div>
        <div className="space-y-(--gap)">
          {concern.status === 'open' && (
            <Card title="Take it in hand">
              <p className="mb-4">The patient then sees that somebody looks into it.</p>
              <form action={acknowledgeAction.bind(null, patientId, concernId)}>
                <SubmitButton variant="secondary">Take in hand</SubmitButton>
              </form>
            </Card>
          )}
          <Card title="Answer">
            {concern.answer === null ? (
              <TextForm
                action={answerAction.bind(null, patientId, concernId)}
                name="answer"
                label="What the patient will read"
                hint="Say who looked, why, and what you did. It cannot be changed afterwards."
                limit={4000}
                rows={8}
                submit="Send answer"
              />
            ) : (
              <p className="whitespace-pre-wrap">{concern.answer}</p>
            )}
          </Card>
        </div>
      </div>
    </ComplianceFrame>
  )
}

function Status({ status }: { status: ConcernWorkView['concern']['status'] }) {
  if (status === 'answered') return <Tag tone="ok">Answered</Tag>
  return <Tag tone="info">{status === 'open' ? 'New' : 'In hand'}</Tag>
}

function Report({ view: { concern, logId } }: { view: ConcernWorkView }) {
  const { entry } = concern
  return (
    <Card title="What was reported">
      <SummaryList
        items={[
          { label: 'Who', value: [entry.name, entry.role].filter(Boolean).join(', ') },
          {
            label: 'When',
            value: (
              <AppLink href={withQuery(paths.complianceEvent(logId), { at: entry.at })}>
                {formatDateTimeForStaff(entry.at)}
              </AppLink>
            ),
          },
          { label: 'What', value: entry.what },
          { label: 'Shown as', value: entry.why },
          { label: 'The patient wrote', value: <p className="whitespace-pre-wrap">{concern.body}</p> },
          { label: 'Contact', value: concern.contact ?? 'In the portal' },
        ]}
      />
    </Card>
  )
}

function Notes({
  view: { notes, concern },
  action,
}: {
  view: ConcernWorkView
  action: Parameters<typeof TextForm>[0]['action']
}) {
  return (
    <Card title="Internal notes">
      <div className="space-y-4">
        {notes.length === 0 && <p className="text-muted">No notes yet. The patient does not see them.</p>}
        {notes.map((note) => (
          <div key={note.id}>
            <p className="text-sm text-muted">
              {note.author}, {formatDateTimeForStaff(note.at)}
            </p>
            <p className="whitespace-pre-wrap">{note.body}</p>
          </div>
        ))}
        {concern.status !== 'answered' && (
          <TextForm
            action={action}
            formKey={randomUUID()}
            name="body"
            label="Add a note"
            limit={2000}
            rows={3}
            submit="Keep note"
            variant="secondary"
          />
        )}
      </div>
    </Card>
  )
}
