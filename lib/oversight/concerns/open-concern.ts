import 'server-only'

import { nameStaff } from '#lib/accounts/name-staff.ts'
import { patientReferences } from '#lib/phi/patient-reference.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { toConcern } from '#lib/records/shared/concern.ts'
import type { ConcernWorkView } from './view.ts'

/**
 * One concern with what officers noted about it. Null when there is none, and for the person that it is about: row security
 * shows it to them in no way.
 */
export async function openConcern(
  actor: Actor,
  patientId: string,
  concernId: string,
): Promise<Outcome<ConcernWorkView | null>> {
  const outcome = await withRecord(
    actor,
    {
      view: 'concern-work',
      action: 'READ',
      patients: [patientId],
      resourceType: 'Concern',
      resourceId: concernId,
    },
    (record) =>
      record.concern.findFirst({
        where: { id: concernId, patientId },
        select: {
          id: true,
          logId: true,
          status: true,
          reportedAt: true,
          dueAt: true,
          answeredAt: true,
          entry: true,
          body: true,
          contact: true,
          answer: true,
          notes: {
            orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
            take: 100,
            select: { id: true, authorId: true, createdAt: true, body: true },
          },
        },
      }),
  )
  if (outcome.kind === 'denied') return outcome
  const row = outcome.value
  if (!row) return { ...outcome, value: null }
  const [names, references] = await Promise.all([
    nameStaff(row.notes.map(({ authorId }) => authorId)),
    patientReferences([patientId]),
  ])
  return {
    ...outcome,
    value: {
      concern: toConcern(row),
      logId: row.logId,
      patientReference: references.get(patientId) ?? '',
      notes: row.notes.map(({ id, authorId, createdAt, body }) => ({
        id,
        author: names.get(authorId) ?? 'A compliance officer',
        at: createdAt.toISOString(),
        body,
      })),
    },
  }
}
