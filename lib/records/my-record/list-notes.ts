import 'server-only'

import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { readTimeCursor, writeTimeCursor } from '#lib/records/shared/time-cursor.ts'
import { toNoteClass, toNoteStatus } from './to-note-class.ts'
import type { MyNoteRowView, MyNotesView } from './view.ts'
import { nameFields, nameSelect, toWhose } from './whose.ts'

export const notesPageSize = 30

/** A list needs titles, not texts. */
const fields = { Patient: nameFields, NoteVersion: ['title', 'authorName'], Encounter: ['kind', 'display'] }

/**
 * Signed notes, newest first, a page at a time; drafts and psychotherapy notes never. Null when there is no such patient.
 * @param cursor the `next` of the page before
 */
export async function listNotes(
  actor: Actor,
  patientId: string,
  cursor?: string,
): Promise<Outcome<MyNotesView | null>> {
  const after = readTimeCursor(cursor)
  return withRecord(
    actor,
    { view: 'my-notes', action: 'READ', patients: [patientId], fields },
    async (record) => {
      const patient = await record.patient.findUnique({ where: { id: patientId }, select: nameSelect })
      if (!patient) return null
      const found = await record.note.findMany({
        where: {
          patientId,
          class: { not: 'psychotherapy' },
          status: { not: 'draft' },
          ...(after ? { OR: [{ authoredAt: { lt: after.at } }, { authoredAt: after.at, id: { lt: after.id } }] } : {}),
        },
        orderBy: [{ authoredAt: 'desc' }, { id: 'desc' }],
        take: notesPageSize + 1,
        select: rowSelect,
      })
      const page = found.slice(0, notesPageSize)
      const last = page.at(-1)
      return {
        whose: toWhose(patient),
        notes: page.flatMap(toRow),
        next:
          found.length > page.length && last
            ? writeTimeCursor({ at: last.authoredAt.toISOString(), id: last.id })
            : null,
      }
    },
  ) // prettier-ignore
}

const rowSelect = {
  id: true,
  class: true,
  status: true,
  authoredAt: true,
  signedAt: true,
  noteVersions: {
    where: { status: 'signed' },
    orderBy: { number: 'desc' },
    take: 1,
    select: { title: true, authorName: true, signedAt: true },
  },
  encounter: { select: { startedAt: true, kind: true, display: true } },
} as const

type Row = {
  id: string
  class: string
  status: string
  authoredAt: Date
  signedAt: Date | null
  noteVersions: { title: string; authorName: string | null; signedAt: Date | null }[]
  encounter: { startedAt: Date | null; kind: string | null; display: string | null } | null
}

function toRow(row: Row): MyNoteRowView[] {
  const noteClass = toNoteClass(row.class)
  const status = toNoteStatus(row.status)
  const [newest] = row.noteVersions
  if (!noteClass || !status || !newest) return []
  return [
    {
      id: row.id,
      title: newest.title,
      author: newest.authorName,
      class: noteClass,
      status,
      signedAt: (row.signedAt ?? newest.signedAt ?? row.authoredAt).toISOString(),
      visit: row.encounter?.startedAt
        ? {
            at: row.encounter.startedAt.toISOString(),
            name: row.encounter.display ?? row.encounter.kind ?? 'Visit',
          }
        : null,
    },
  ]
}
