import 'server-only'

import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { onceMore } from '#lib/records/shared/once-more.ts'
import type { NoteInput } from './input.ts'

export type AddNoteOutcome = { kind: 'added' } | { kind: 'not-found' }

/** Notes something about a concern for other compliance officers; no patient reads it. The same form sent twice adds one. */
export async function addConcernNote(
  actor: Actor,
  patientId: string,
  concernId: string,
  { key, body }: NoteInput,
): Promise<Outcome<AddNoteOutcome>> {
  return onceMore(() =>
    withRecord(
      actor,
      {
        view: 'concern-work',
        action: 'CREATE',
        patients: [patientId],
        fields: { ConcernNote: ['body'] },
        resourceType: 'ConcernNote',
        resourceId: key,
      },
      async (record): Promise<AddNoteOutcome> => {
        const concern = await record.concern.findFirst({
          where: { id: concernId, patientId },
          select: { id: true, notes: { where: { id: key }, take: 1, select: { id: true } } },
        })
        if (!concern) return { kind: 'not-found' }
        if (concern.notes.length === 0)
          await record.concernNote.create({
            data: { id: key, patientId, concernId, body },
            select: { id: true },
          })
        return { kind: 'added' }
      },
    ),
  )
}
