import 'server-only'

import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { removeDraft } from './write-draft.ts'

export type DiscardOutcome = { kind: 'discarded' } | { kind: 'not-found' }

/**
 * Throws away a text that its author never signed; of an amendment only the new text goes and the note stays. A second
 * time there is nothing left to throw away, which is an answer and no fault.
 */
export async function discardNoteDraft(
  actor: Actor,
  patientId: string,
  noteId: string,
): Promise<Outcome<DiscardOutcome>> {
  return withRecord(
    actor,
    {
      view: 'note-writing',
      action: 'DELETE',
      patients: [patientId],
      fields: { NoteVersion: ['title', 'body', 'reason', 'authorName'] },
      resourceType: 'Note',
      resourceId: noteId,
    },
    async (record): Promise<DiscardOutcome> => {
      const note = await record.note.findFirst({
        where: { id: noteId, patientId, authorId: actor.accountId },
        select: { status: true },
      })
      if (!note) return { kind: 'not-found' }
      if (note.status === 'draft') {
        await removeDraft(record, noteId)
        return { kind: 'discarded' }
      }
      const draft = await record.noteVersion.findFirst({
        where: { noteId, patientId, status: 'draft', authorId: actor.accountId },
        select: { id: true },
      })
      if (!draft) return { kind: 'not-found' }
      await record.noteVersion.delete({ where: { id: draft.id }, select: { id: true } })
      return { kind: 'discarded' }
    },
  )
}
