import 'server-only'

import { now } from '#lib/clock.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { onceMore } from '#lib/records/shared/once-more.ts'
import type { DraftInput } from './input.ts'
import { writeDraft } from './write-draft.ts'

export type SignOutcome =
  | { kind: 'signed'; number: number }
  /** The same form arrived before; nothing was changed. */
  | { kind: 'already-signed' }
  | { kind: 'conflict' }
  | { kind: 'not-found' }
  | { kind: 'invalid'; field: 'title' | 'body' | 'reason'; message: string }

/**
 * Signs a note, or an amendment of one: the text as it was sent is written and closed for good in one transaction. An
 * amendment becomes a further version beside the earlier ones and says why.
 */
export async function signNote(
  actor: Actor,
  patientId: string,
  input: DraftInput,
): Promise<Outcome<SignOutcome>> {
  return onceMore(() =>
    withRecord(
      actor,
      {
        view: 'note-writing',
        action: input.revision === 0 ? 'CREATE' : 'UPDATE',
        patients: [patientId],
        fields: { NoteVersion: ['title', 'body', 'reason', 'authorName'] },
        resourceType: 'Note',
        resourceId: input.noteId,
      },
      async (record): Promise<SignOutcome> => {
        const note = await record.note.findFirst({
          where: { id: input.noteId, patientId },
          select: { status: true, authorId: true },
        })
        const version = await record.noteVersion.findFirst({
          where: { id: input.versionId, noteId: input.noteId, patientId },
          select: { status: true },
        })
        // Asked first: to a note that is signed by now, the same form would look like an amendment without a reason.
        if (version?.status === 'signed') return { kind: 'already-signed' }
        const isAmendment = note !== null && note.status !== 'draft'
        const fault = findFault(input, isAmendment)
        if (fault) return fault
        const draft = await writeDraft(record, actor, patientId, input)
        if (draft.kind === 'signed') return { kind: 'already-signed' }
        if (draft.kind !== 'written') return draft
        const signedAt = now()
        await record.noteVersion.update({
          where: { id: input.versionId },
          data: { status: 'signed', signedAt, writtenAt: signedAt },
          select: { id: true },
        })
        await record.note.update({
          where: { id: input.noteId },
          data: isAmendment
            ? { status: 'amended', currentVersion: draft.number }
            : { status: 'signed', signedAt, currentVersion: draft.number },
          select: { id: true },
        })
        return { kind: 'signed', number: draft.number }
      },
    ),
  )
}

function findFault(input: DraftInput, isAmendment: boolean): SignOutcome | null {
  if (input.title.trim() === '') return { kind: 'invalid', field: 'title', message: 'Enter a title' }
  if (input.body.trim() === '')
    return { kind: 'invalid', field: 'body', message: 'Write the note before you sign it' }
  if (isAmendment && input.reason.trim() === '') {
    return { kind: 'invalid', field: 'reason', message: 'Say why the note is amended' }
  }
  return null
}
