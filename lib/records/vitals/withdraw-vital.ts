import 'server-only'

import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'

export type WithdrawOutcome = { kind: 'withdrawn' } | { kind: 'already-withdrawn' } | { kind: 'not-found' }

/**
 * Says that a vital sign was entered in error. The row stays, with its earlier version in the history; charts and trends
 * leave it out. What is right is entered anew: a measured value is never written over.
 */
export async function withdrawVital(
  actor: Actor,
  patientId: string,
  observationId: string,
): Promise<Outcome<WithdrawOutcome>> {
  return withRecord(
    actor,
    {
      view: 'vitals-entry',
      action: 'UPDATE',
      patients: [patientId],
      fields: {},
      resourceType: 'Observation',
      resourceId: observationId,
    },
    async (record): Promise<WithdrawOutcome> => {
      const row = await record.observation.findFirst({
        where: { id: observationId, patientId, kind: 'vital-signs' },
        select: { status: true },
      })
      if (!row) return { kind: 'not-found' }
      if (row.status === 'entered-in-error') return { kind: 'already-withdrawn' }
      await record.observation.update({
        where: { id: observationId },
        data: { status: 'entered-in-error' },
        select: { id: true },
      })
      return { kind: 'withdrawn' }
    },
  )
}
