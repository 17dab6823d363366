import 'server-only'

import { now } from '#lib/clock.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'

export type EndCarerOutcome =
  | { kind: 'ended' }
  | { kind: 'already-ended' }
  /** Nobody would be left who could open the record. */
  | { kind: 'last-one' }
  | { kind: 'not-found' }

/** Ends that somebody cares for a patient, now. Their access ends with it, on their very next request. */
export async function endCarer(
  actor: Actor,
  patientId: string,
  relationshipId: string,
): Promise<Outcome<EndCarerOutcome>> {
  return withRecord(
    actor,
    {
      view: 'care-team',
      action: 'UPDATE',
      patients: [patientId],
      fields: {},
      resourceType: 'CareRelationship',
      resourceId: relationshipId,
    },
    async (record): Promise<EndCarerOutcome> => {
      const at = now()
      const row = await record.careRelationship.findFirst({
        where: { id: relationshipId, patientId },
        select: { id: true, startsAt: true, endsAt: true },
      })
      if (!row) return { kind: 'not-found' }
      if (row.endsAt && row.endsAt <= at) return { kind: 'already-ended' }
      const others = await record.careRelationship.findFirst({
        where: {
          patientId,
          id: { not: relationshipId },
          startsAt: { lte: at },
          OR: [{ endsAt: null }, { endsAt: { gt: at } }],
        },
        select: { id: true },
      })
      if (!others) return { kind: 'last-one' }
      // One that has not begun ends where it would have begun: a period never ends before it starts.
      await record.careRelationship.update({
        where: { id: row.id },
        data: { endsAt: row.startsAt > at ? row.startsAt : at },
        select: { id: true },
      })
      return { kind: 'ended' }
    },
  )
}
