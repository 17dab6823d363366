import type { Metadata } from 'next'
import { NoteList } from '#components/my-record/note-list.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { KeysetPager } from '#components/ui/keyset-pager.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { listNotes } from '#lib/records/my-record/list-notes.ts'
import { openRecord, shown } from '../open-record.ts'
import { PatientFrame } from '../patient-frame.tsx'

export const metadata: Metadata = { title: 'Visit notes' }

type Props = { searchParams: Promise<{ after?: string | string[] }> }

/** What was written about each visit, newest first. */
export default async function NotesPage({ searchParams }: Props) {
  const actor = await requireActor('patient')
  const record = await openRecord(actor, 'notes')
  const { after } = await searchParams
  const cursor = typeof after === 'string' ? after : undefined
  const view = shown(await listNotes(actor, record.patientId, cursor))
  return (
    <PatientFrame current="notes" record={record} whose={view.whose} width="reading">
      <PageHeader title="Visit notes" lead="What the care team wrote and signed, newest first." />
      {view.notes.length === 0 ? (
        <EmptyState>
          Notes show here once the person who wrote them has signed them. There are none yet.
        </EmptyState>
      ) : (
        <NoteList notes={view.notes} />
      )}
      <KeysetPager
        label="Visit notes"
        newestHref={cursor === undefined ? undefined : paths.notes}
        olderHref={view.next === null ? undefined : withQuery(paths.notes, { after: view.next })}
      />
    </PatientFrame>
  )
}
