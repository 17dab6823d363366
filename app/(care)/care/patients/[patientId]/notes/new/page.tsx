import { randomUUID } from 'node:crypto'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { NoteEditor } from '#components/notes/note-editor.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { paths } from '#lib/paths.ts'
import { bodyLimit, reasonLimit, titleLimit } from '#lib/records/notes/input.ts'
import { noteClassesOf } from '#lib/records/notes/note-classes.ts'
import { startNote } from '#lib/records/notes/start-note.ts'
import { ChartFrame } from '../../../../../care-frame.tsx'
import { idOr404, openedOr404 } from '../../../../../opened.ts'
import { discardDraftAction, signNoteAction } from '../actions.ts'

export const metadata: Metadata = { title: 'Write a note' }

type Props = { params: Promise<{ patientId: string }> }

/** A new note. Its ids are made here; nothing is written before something is typed. */
export default async function NewNotePage({ params }: Props) {
  const actor = await requireActor()
  const patientId = idOr404((await params).patientId)
  const view = openedOr404(await startNote(actor, patientId))
  const classes = noteClassesOf(actor.role)
  const [noteClass] = classes
  if (!noteClass) notFound()
  const noteId = randomUUID()
  return (
    <ChartFrame actor={actor} banner={view.banner} part="notes">
      <PageHeader title="Write a note" back={{ href: paths.chartNotes(patientId), label: 'Notes' }} />
      <NoteEditor
        draftAddress={paths.chartNoteDraft(patientId)}
        ownAddress={paths.chartNote(patientId, noteId)}
        noteId={noteId}
        versionId={randomUUID()}
        revision={0}
        savedAt={null}
        initial={{ noteClass, encounterId: null, title: '', body: '', reason: '' }}
        classes={classes}
        visits={view.visits}
        isAmendment={false}
        limits={{ title: titleLimit, body: bodyLimit, reason: reasonLimit }}
        sign={signNoteAction.bind(null, patientId)}
        discard={discardDraftAction.bind(null, patientId, noteId)}
      />
    </ChartFrame>
  )
}
