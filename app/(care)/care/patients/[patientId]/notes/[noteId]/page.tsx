import { randomUUID } from 'node:crypto'
import type { Metadata } from 'next'
import { noteClassNames } from '#components/notes/note-class-name.ts'
import { NoteEditor } from '#components/notes/note-editor.tsx'
import { NoteVersions } from '#components/notes/note-versions.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { Section } from '#components/ui/section.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateForStaff } from '#lib/format.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { bodyLimit, reasonLimit, titleLimit } from '#lib/records/notes/input.ts'
import { noteClassesOf } from '#lib/records/notes/note-classes.ts'
import { openNote } from '#lib/records/notes/open-note.ts'
import type { NoteView } from '#lib/records/notes/view.ts'
import { ChartFrame } from '../../../../../care-frame.tsx'
import { doneText, idOr404, openedOr404 } from '../../../../../opened.ts'
import { discardDraftAction, signNoteAction } from '../actions.ts'

export const metadata: Metadata = { title: 'Note' }

type Props = {
  params: Promise<{ patientId: string; noteId: string }>
  searchParams: Promise<{ amend?: string | string[]; done?: string | string[] }>
}

/** One note: its signed texts, and the draft of the person who reads it. */
export default async function NotePage({ params, searchParams }: Props) {
  const actor = await requireActor()
  const given = await params
  const patientId = idOr404(given.patientId)
  const note = openedOr404(await openNote(actor, patientId, idOr404(given.noteId)))
  const { amend, done } = await searchParams
  const isSigned = note.status !== 'draft'
  const canAmend = isSigned && note.isAuthor && note.draft === null && note.status !== 'entered-in-error'
  const isWriting = note.draft !== null || (canAmend && amend === 'yes')
  return (
    <ChartFrame actor={actor} banner={note.banner} part="notes">
      <PageStatus>{doneText(done)}</PageStatus>
      <PageHeader
        title={pageTitle(note)}
        lead={lead(note)}
        back={{ href: paths.chartNotes(patientId), label: 'Notes' }}
        actions={
          canAmend &&
          !isWriting && (
            <LinkButton
              variant="secondary"
              href={withQuery(paths.chartNote(patientId, note.id), { amend: 'yes' })}
            >
              Amend this note
            </LinkButton>
          )
        }
      />
      {isWriting && (
        <Section title={isSigned ? 'Your amendment' : 'Your draft'}>
          <NoteEditor
            key={note.draft?.versionId ?? 'new'}
            draftAddress={paths.chartNoteDraft(patientId)}
            ownAddress={paths.chartNote(patientId, note.id)}
            noteId={note.id}
            versionId={note.draft?.versionId ?? randomUUID()}
            revision={note.draft?.revision ?? 0}
            savedAt={note.draft?.savedAt ?? null}
            initial={initialText(note)}
            classes={noteClassesOf(actor.role)}
            visits={note.visits}
            isAmendment={isSigned}
            limits={{ title: titleLimit, body: bodyLimit, reason: reasonLimit }}
            sign={signNoteAction.bind(null, patientId)}
            discard={discardDraftAction.bind(null, patientId, note.id)}
          />
        </Section>
      )}
      {note.versions.length > 0 && <NoteVersions versions={note.versions} />}
    </ChartFrame>
  )
}

function pageTitle(note: NoteView): string {
  const [current] = note.versions
  return current?.title ?? (note.draft?.title.trim() || 'Untitled note')
}

function lead(note: NoteView): string {
  const { name } = noteClassNames[note.noteClass]
  const visit = note.visit ? `about ${note.visit.name} on ${formatDateForStaff(note.visit.at)}` : null
  const state = note.status === 'entered-in-error' ? 'entered in error' : null
  return [`${name} note`, visit, state].filter(Boolean).join(', ')
}

/** An amendment starts from the text that it will stand beside. */
function initialText(note: NoteView) {
  const { noteClass } = note
  const encounterId = note.visit?.id ?? null
  if (note.draft) {
    const { title, body, reason } = note.draft
    return { noteClass, encounterId, title, body, reason }
  }
  const [current] = note.versions
  return { noteClass, encounterId, title: current?.title ?? '', body: current?.body ?? '', reason: '' }
}
