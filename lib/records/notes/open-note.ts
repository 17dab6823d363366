import 'server-only'

import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { bannerSelect, toBanner } from '#lib/records/shared/banner.ts'
import { today } from '#lib/records/shared/today.ts'
import { toNoteClass } from './note-classes.ts'
import { toNoteStatus } from './note-status.ts'
import { recentVisits, toVisit, visitSelect } from './visits.ts'
import type { NoteDraftView, NoteVersionView, NoteView } from './view.ts'

/** One note with all its signed texts, and the reader's own draft. Null for a note that the actor cannot see. */
export async function openNote(
  actor: Actor,
  patientId: string,
  noteId: string,
): Promise<Outcome<NoteView | null>> {
  return withRecord(
    actor,
    { view: 'chart-notes', action: 'READ', patients: [patientId], resourceType: 'Note', resourceId: noteId },
    async (record) => {
      const note = await record.note.findFirst({
        where: { id: noteId, patientId },
        select: {
          id: true,
          class: true,
          status: true,
          authorId: true,
          authoredAt: true,
          encounter: { select: visitSelect },
          noteVersions: {
            orderBy: { number: 'desc' },
            take: 50,
            select: {
              id: true,
              number: true,
              status: true,
              title: true,
              body: true,
              reason: true,
              authorName: true,
              signedAt: true,
              writtenAt: true,
              version: true,
            },
          },
        },
      })
      const noteClass = note && toNoteClass(note.class)
      if (!note || !noteClass) return null
      const isDraft = note.status === 'draft'
      const patient = await record.patient.findUnique({
        where: { id: patientId },
        select: { ...bannerSelect, encounters: { ...recentVisits(), take: isDraft ? 20 : 1 } },
      })
      if (!patient) return null
      const draft = note.noteVersions.find(({ status }) => status === 'draft')
      return {
        banner: toBanner(patient, today()),
        id: note.id,
        noteClass,
        status: toNoteStatus(note.status),
        visit: (note.encounter ? toVisit(note.encounter) : [])[0] ?? null,
        authoredAt: note.authoredAt.toISOString(),
        versions: note.noteVersions.flatMap(toVersion),
        draft: draft ? toDraft(draft) : null,
        isAuthor: note.authorId === actor.accountId,
        visits: isDraft ? patient.encounters.flatMap(toVisit) : [],
      }
    },
  )
}

type VersionRow = {
  id: string
  number: number
  title: string
  body: string
  reason: string | null
  authorName: string | null
  signedAt: Date | null
  writtenAt: Date
  version: number
}

function toVersion(row: VersionRow): NoteVersionView[] {
  if (!row.signedAt) return []
  const { id, number, title, body, reason, authorName } = row
  return [{ id, number, title, body, reason, authorName, signedAt: row.signedAt.toISOString() }]
}

function toDraft(row: VersionRow): NoteDraftView {
  return {
    versionId: row.id,
    number: row.number,
    title: row.title,
    body: row.body,
    reason: row.reason ?? '',
    savedAt: row.writtenAt.toISOString(),
    revision: row.version,
  }
}
