import 'server-only'

import { now } from '#lib/clock.ts'
import type { Outcome, RecordClient } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { onceMore } from '#lib/records/shared/once-more.ts'
import { loincSystem, vitalMeasures } from '#lib/records/shared/vital-measures.ts'
import { groupVitals, vitalSelect } from '#lib/records/shared/vital-rows.ts'
import { clinicInstant } from '#lib/records/shared/clinic-instant.ts'
import { findDoubts } from './find-doubts.ts'
import type { VitalsInput } from './input.ts'
import { toObservations, type VitalObservation } from './to-observations.ts'
import type { VitalDoubtView } from './view.ts'

export type VitalsOutcome =
  | { kind: 'saved'; count: number }
  /** This form was saved before; nothing was written twice. */
  | { kind: 'already-saved' }
  /** Unlikely values: nothing was saved until they are confirmed. */
  | { kind: 'doubtful'; doubts: VitalDoubtView[] }
  | { kind: 'invalid'; field: string; message: string }

/** Clocks of two machines may differ by this much before a time counts as being in the future. */
const futureMilliseconds = 5 * 60_000

/**
 * Records vital signs, each as an observation of its own, all or none. Unlikely values are handed back once as
 * doubts and saved when the person confirms those very ones: a value that was mistyped beside the tick is asked about too. Sending the same form again (same key) writes nothing.
 */
export async function recordVitals(
  actor: Actor,
  patientId: string,
  input: VitalsInput,
): Promise<Outcome<VitalsOutcome>> {
  const takenAt = clinicInstant(input.takenDay, input.takenTime)
  const observations = toObservations(input)
  const fault = findFault(takenAt, observations)
  return onceMore(() =>
    withRecord(
      actor,
      { view: 'vitals-entry', action: 'CREATE', patients: [patientId], resourceType: 'Observation' },
      async (record): Promise<VitalsOutcome> => {
        if (fault || !takenAt) return fault ?? { kind: 'invalid', field: 'takenTime', message: noTime }
        if (await isSaved(record, patientId, observations)) return { kind: 'already-saved' }
        const doubts = findDoubts(input, await lastWeight(record, patientId))
        if (doubts.some(({ message }) => !input.confirmed.includes(message)))
          return { kind: 'doubtful', doubts }
        for (const observation of observations) {
          await record.observation.create({
            data: {
              ...observation,
              patientId,
              kind: 'vital-signs',
              status: 'final',
              effectiveAt: takenAt,
              issuedAt: now(),
              codeSystem: loincSystem,
              performer: actor.displayName,
            },
            select: { id: true },
          })
        }
        return { kind: 'saved', count: observations.length }
      },
    ),
  )
}

const noTime = 'Enter the day and time when they were taken'

/** Faults of the form that need no record; they are told only to somebody whom the door admits. */
function findFault(takenAt: Date | null, observations: readonly VitalObservation[]): VitalsOutcome | null {
  if (observations.length === 0)
    return { kind: 'invalid', field: 'systolic', message: 'Enter at least one value' }
  if (takenAt === null) return { kind: 'invalid', field: 'takenTime', message: noTime }
  if (takenAt.getTime() > now().getTime() + futureMilliseconds) {
    return { kind: 'invalid', field: 'takenTime', message: 'The time is in the future' }
  }
  return null
}

async function isSaved(
  record: RecordClient,
  patientId: string,
  observations: readonly VitalObservation[],
): Promise<boolean> {
  const ids = observations.map(({ id }) => id)
  const found = await record.observation.findMany({
    where: { patientId, id: { in: ids } },
    take: ids.length,
    select: { id: true },
  })
  return found.length > 0
}

/** The newest weight of the patient in kilograms. */
async function lastWeight(record: RecordClient, patientId: string): Promise<number | null> {
  const codes = vitalMeasures.find(({ key }) => key === 'weight')?.loinc ?? []
  const rows = await record.observation.findMany({
    where: {
      patientId,
      kind: 'vital-signs',
      OR: codes.map((code) => ({ code })),
      status: { notIn: ['cancelled', 'entered-in-error'] },
    },
    orderBy: { effectiveAt: 'desc' },
    take: 1,
    select: vitalSelect,
  })
  return groupVitals(rows)[0]?.points[0]?.valueNumber ?? null
}
