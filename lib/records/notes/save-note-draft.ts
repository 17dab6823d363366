import 'server-only'

import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { onceMore } from '#lib/records/shared/once-more.ts'
import type { DraftInput } from './input.ts'
import { writeDraft, type WrittenDraft } from './write-draft.ts'

/**
 * Keeps what somebody is writing, for its author alone, on the server: it survives log-off and leaves nothing in the
 * browser. The ids come with the page, so that a save that is repeated writes once.
 */
export async function saveNoteDraft(
  actor: Actor,
  patientId: string,
  input: DraftInput,
): Promise<Outcome<WrittenDraft>> {
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
      (record) => writeDraft(record, actor, patientId, input),
    ),
  )
}
