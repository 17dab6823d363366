import 'server-only'

import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { identityFields } from '#lib/records/shared/identity.ts'
import { allergyFields } from '#lib/records/shared/allergy-word.ts'
import { bannerSelect, toBanner } from '#lib/records/shared/banner.ts'
import { readTimeCursor, writeTimeCursor } from '#lib/records/shared/time-cursor.ts'
import { today } from '#lib/records/shared/today.ts'
import { toNoteClass } from './note-classes.ts'
import { toNoteStatus } from './note-status.ts'
import type { NoteListEntryView, NoteListView } from './view.ts'

export const notesPageSize = 30

/** The list needs titles and authors, not the texts. */
const fields = {
  Patient: identityFields,
  AllergyIntolerance: allergyFields,
  NoteVersion: ['title', 'authorName'],
}

/**
 * Notes of a chart that the actor may read, newest first. The database leaves out other people's drafts and the classes
 * that the actor's role does not read. Null when there is no such patient.
 */
export async function listNotes(
  actor: Actor,
  patientId: string,
  cursor?: string,
): Promise<Outcome<NoteListView | null>> {
  const after = readTimeCursor(cursor)
  return withRecord(
    actor,
    { view: 'chart-notes', action: 'READ', patients: [patientId], fields },
    async (record) => {
      const patient = await record.patient.findUnique({ where: { id: patientId }, select: bannerSelect })
      if (!patient) return null
      const found = await record.note.findMany({
        where: {
          patientId,
          ...(after
            ? { OR: [{ authoredAt: { lt: after.at } }, { authoredAt: after.at, id: { lt: after.id } }] }
            : {}),
        },
        orderBy: [{ authoredAt: 'desc' }, { id: 'desc' }],
        take: notesPageSize + 1,
        select: {
          id: true,
          class: true,
          status: true,
          authoredAt: true,
          signedAt: true,
          noteVersions: {
            orderBy: { number: 'desc' },
            take: 2,
            select: { status: true, title: true, authorName: true },
          },
        },
      })
      const page = found.slice(0, notesPageSize)
      const last = page.at(-1)
      return {
        banner: toBanner(patient, today()),
        notes: page.flatMap(toEntry),
        next:
          found.length > page.length && last
            ? writeTimeCursor({ at: last.authoredAt.toISOString(), id: last.id })
            : null,
      }
    },
  )
}

type Row = {
  id: string
  class: string
  status: string
  authoredAt: Date
  signedAt: Date | null
  noteVersions: { status: string; title: string; authorName: string | null }[]
}

function toEntry(row: Row): NoteListEntryView[] {
  const noteClass = toNoteClass(row.class)
  const shown = row.noteVersions.find(({ status }) => status === 'signed') ?? row.noteVersions[0]
  if (!noteClass || !shown) return []
  return [
    {
      id: row.id,
      noteClass,
      status: toNoteStatus(row.status),
      title: shown.title.trim() || 'Untitled note',
      authorName: shown.authorName,
      authoredAt: row.authoredAt.toISOString(),
      signedAt: row.signedAt?.toISOString() ?? null,
      hasDraft: row.noteVersions.some(({ status }) => status === 'draft'),
    },
  ]
}
