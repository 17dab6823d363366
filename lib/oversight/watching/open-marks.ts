import 'server-only'

import { z } from 'zod'
import { readWatching } from '#lib/audit/read-watching.ts'
import { patientReferences } from '#lib/phi/patient-reference.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { calendarDay } from './case-view.ts'
import type { OwnRecordView, WatchMarkView } from './view.ts'

const markRow = z.object({
  id: z.string(),
  patient_id: z.string(),
  kind: z.enum(['STAFF', 'CONFIDENTIAL']),
  account_name: z.string().nullable(),
  noted_at: z.date(),
  noted_by: z.string().nullable(),
})
const ownRow = z.object({
  actor_name: z.string().nullable(),
  actor_title: z.string().nullable(),
  patient_id: z.string(),
  day: z.date(),
  accesses: z.coerce.number(),
  changes: z.coerce.number(),
})

/** Records that are marked, and staff who opened their own in the last ninety days. Reading either is on record. */
export async function openMarks(actor: Actor): Promise<{ marks: WatchMarkView[]; own: OwnRecordView[] }> {
  const marked = await readWatching(actor, 'WATCH_MARKS_LISTED', {}, ['read_watch_marks'])
  const reported = await readWatching(actor, 'OWN_RECORDS_REPORTED', {}, ['read_own_records'])
  const marks = z.array(markRow).parse(marked?.[0] ?? [])
  const own = z.array(ownRow).parse(reported?.[0] ?? [])
  const references = await patientReferences([...marks, ...own].map(({ patient_id: patient }) => patient))
  return {
    marks: marks.map((row) => ({
      id: row.id,
      patientReference: references.get(row.patient_id) ?? '',
      kind: row.kind,
      accountName: row.account_name,
      notedAt: row.noted_at.toISOString(),
      notedBy: row.noted_by ?? 'Unknown account',
    })),
    own: own.map((row) => ({
      name: row.actor_name ?? 'Unknown account',
      title: row.actor_title ?? '',
      patientReference: references.get(row.patient_id) ?? '',
      day: calendarDay(row.day),
      accesses: row.accesses,
      changes: row.changes,
    })),
  }
}
