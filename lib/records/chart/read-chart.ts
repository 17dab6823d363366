import 'server-only'

import { now } from '#lib/clock.ts'
import { formatDateForStaff } from '#lib/format.ts'
import type { RecordClient } from '#lib/phi/types.ts'
import { allergyWord } from '#lib/records/shared/allergy-word.ts'
import { identitySelect, toIdentity } from '#lib/records/shared/identity.ts'
import { today } from '#lib/records/shared/today.ts'
import { earlierSelect } from '#lib/records/shared/value-before.ts'
import { groupVitals, vitalSelect } from '#lib/records/shared/vital-rows.ts'
import { toAllergies } from './to-allergies.ts'
import { mostUrgent, toResultsToReview, waitingMax } from './to-results-to-review.ts'
import type { ChartView } from './view.ts'

/**
 * What a chart's summary shows, read within a unit of work that was admitted to the patient. Null when there is no such
 * patient. What does not depend on each other is asked for at once, so that it costs one round trip.
 */
export async function readChart(record: RecordClient, patientId: string): Promise<ChartView | null> {
  const [patient, visit, results, vitalRows] = await Promise.all([
    readPatient(record, patientId),
    readLastVisit(record, patientId),
    readResults(record, patientId),
    readVitals(record, patientId),
  ])
  if (!patient) return null
  const vitals = groupVitals(vitalRows).map((series) => ({
    ...series,
    points: series.points.slice(0, 8),
  }))
  return {
    banner: { ...toIdentity(patient, today()), ...allergyWord(patient.allergyIntolerances) },
    lastVisit:
      visit?.startedAt == null
        ? null
        : {
            at: visit.startedAt.toISOString(),
            name: visit.display ?? visit.kind ?? 'Visit',
            practitioner: visit.practitioner?.displayName ?? null,
          },
    ...results,
    vitalsAt:
      vitals
        .flatMap(({ points }) => points[0]?.takenAt ?? [])
        .toSorted()
        .at(-1) ?? null,
    vitals,
    problems: patient.conditions.map((row) => ({
      id: row.id,
      name: row.display,
      since: row.onsetAt ? formatDateForStaff(row.onsetAt.toISOString()).slice(0, 4) : row.onsetText,
    })),
    medicines: patient.medicationRequests.map((row) => ({
      id: row.id,
      name: row.display,
      dosage: row.dosage,
      refills: row.refillsRemaining,
    })),
    allergies: toAllergies(patient.allergyIntolerances),
    readAt: now().toISOString(),
  }
}

function readPatient(record: RecordClient, patientId: string) {
  return record.patient.findUnique({
    where: { id: patientId },
    select: {
      ...identitySelect,
      conditions: {
        where: {
          clinicalStatus: { in: ['active', 'recurrence', 'relapse'] },
          // A comparison with a missing status would leave the problem out.
          OR: [
            { verificationStatus: null },
            { verificationStatus: { notIn: ['refuted', 'entered-in-error'] } },
          ],
        },
        orderBy: { onsetAt: 'desc' },
        take: 50,
        select: { id: true, display: true, onsetAt: true, onsetText: true },
      },
      medicationRequests: {
        where: { status: 'active' },
        orderBy: { authoredAt: 'desc' },
        take: 50,
        select: { id: true, display: true, dosage: true, refillsRemaining: true },
      },
      allergyIntolerances: {
        orderBy: { recordedAt: 'desc' },
        take: 50,
        select: {
          id: true,
          display: true,
          kind: true,
          criticality: true,
          reactions: true,
          clinicalStatus: true,
          verificationStatus: true,
        },
      },
    },
  })
}

/** By itself, not nested in the patient: of a nested list Prisma fetches every row and drops those beyond `take`. */
function readLastVisit(record: RecordClient, patientId: string) {
  return record.encounter.findFirst({
    where: { patientId, status: { not: 'entered-in-error' }, startedAt: { lte: now() } },
    orderBy: { startedAt: 'desc' },
    select: { startedAt: true, display: true, kind: true, practitioner: { select: { displayName: true } } },
  })
}

/** What waits for review, and what came before those results that will be shown. */
async function readResults(record: RecordClient, patientId: string) {
  const waiting = await record.observation.findMany({
    where: {
      patientId,
      kind: 'laboratory',
      reviewedAt: null,
      status: { notIn: ['cancelled', 'entered-in-error', 'registered'] },
    },
    orderBy: { effectiveAt: 'desc' },
    take: waitingMax,
    select: {
      id: true,
      code: true,
      display: true,
      value: true,
      unit: true,
      interpretation: true,
      effectiveAt: true,
      issuedAt: true,
      createdAt: true,
    },
  })
  const codes = [...new Set(mostUrgent(waiting).flatMap(({ code }) => code ?? []))]
  if (codes.length === 0) return toResultsToReview(waiting, [])
  const before = await record.observation.findMany({
    where: {
      patientId,
      kind: 'laboratory',
      OR: codes.map((code) => ({ code })),
      status: { in: ['final', 'corrected', 'amended'] },
    },
    orderBy: { effectiveAt: 'desc' },
    take: 100,
    select: earlierSelect,
  })
  return toResultsToReview(waiting, before)
}

function readVitals(record: RecordClient, patientId: string) {
  return record.observation.findMany({
    where: { patientId, kind: 'vital-signs', status: { notIn: ['cancelled', 'entered-in-error'] } },
    orderBy: { effectiveAt: 'desc' },
    take: 80,
    select: vitalSelect,
  })
}
