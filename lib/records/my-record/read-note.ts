import 'server-only'

import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { toNoteClass, toNoteStatus } from './to-note-class.ts'
import type { MyNoteVersionView, MyNoteView } from './view.ts'
import { printedSelect, toWhose } from './whose.ts'

/**
 * One signed note with its earlier texts. Null when this record has no such note, or none that the reader may see: a
 * draft, a psychotherapy note, and for a proxy any that is not plainly clinical.
 */
export async function readNote(
  actor: Actor,
  patientId: string,
  noteId: string,
): Promise<Outcome<MyNoteView | null>> {
  return withRecord(
    actor,
    { view: 'my-note', action: 'READ', patients: [patientId], resourceType: 'Note', resourceId: noteId },
    async (record) => {
      const patient = await record.patient.findUnique({ where: { id: patientId }, select: printedSelect })
      const note = await record.note.findFirst({
        where: { id: noteId, patientId, class: { not: 'psychotherapy' }, status: { not: 'draft' } },
        select: {
          class: true,
          status: true,
          noteVersions: {
            where: { status: 'signed' },
            orderBy: { number: 'desc' },
            take: 50,
            select: { number: true, title: true, body: true, reason: true, authorName: true, signedAt: true, writtenAt: true },
          },
          encounter: { select: { startedAt: true, kind: true, display: true, location: true } },
        },
      })
      const noteClass = note && toNoteClass(note.class)
      const status = note && toNoteStatus(note.status)
      const [current, ...earlier] = note?.noteVersions.map(toVersion) ?? []
      if (!patient || !noteClass || !status || !current) return null
      const visit = note.encounter
      return {
        whose: toWhose(patient),
        class: noteClass,
        status,
        visit: visit?.startedAt
          ? { at: visit.startedAt.toISOString(), name: visit.display ?? visit.kind ?? 'Visit', location: visit.location }
          : null,
        current,
        earlier,
      }
    },
  ) // prettier-ignore
}

type Row = {
  number: number
  title: string
  body: string
  reason: string | null
  authorName: string | null
  signedAt: Date | null
  writtenAt: Date
}

function toVersion(row: Row): MyNoteVersionView {
  return {
    number: row.number,
    title: row.title,
    body: row.body,
    author: row.authorName,
    signedAt: (row.signedAt ?? row.writtenAt).toISOString(),
    reason: row.reason,
  }
}
