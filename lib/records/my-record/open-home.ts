import 'server-only'

import type { Outcome, RecordClient } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { toFlag, urgency } from '#lib/records/shared/result-row.ts'
import { newSince } from './newness.ts'
import type { AttentionView, MyHomeView } from './view.ts'
import { nameFields, nameSelect, toWhose } from './whose.ts'

const attentionMax = 3
/** More new results than this are not told apart on Home; the list has them. */
const newMax = 60

/** Home says that something is out of range, not by how much: values stay closed (45 CFR 164.502(b)). */
const fields = { Patient: nameFields, Observation: ['code', 'display', 'interpretation'] }

/** What Home shows of the record: whom to greet and which new results to look at first. Null when there is no such patient. */
export async function openHome(actor: Actor, patientId: string): Promise<Outcome<MyHomeView | null>> {
  return withRecord(
    actor,
    { view: 'my-home', action: 'READ', patients: [patientId], fields },
    async (record) => {
      const patient = await record.patient.findUnique({ where: { id: patientId }, select: nameSelect })
      if (!patient) return null
      const fresh = await newResults(record, patientId)
      const flagsBefore = await flagsBeforeOf(record, patientId, fresh)
      return {
        whose: toWhose(patient),
        newCount: fresh.length,
        attention: fresh
          .map((row) => toAttention(row, flagsBefore))
          .toSorted(byNeed)
          .slice(0, attentionMax),
      }
    },
  )
}

type NewRow = Awaited<ReturnType<typeof newResults>>[number]

function newResults(record: RecordClient, patientId: string) {
  const since = newSince()
  return record.observation.findMany({
    where: {
      patientId,
      kind: 'laboratory',
      status: { notIn: ['cancelled', 'entered-in-error', 'registered'] },
      OR: [{ issuedAt: { gte: since } }, { issuedAt: null, effectiveAt: { gte: since } }],
    },
    orderBy: { effectiveAt: 'desc' },
    take: newMax,
    select: {
      id: true,
      code: true,
      display: true,
      interpretation: true,
      effectiveAt: true,
      issuedAt: true,
      createdAt: true,
      reviewedAt: true,
    },
  })
}

type FlagBefore = { code: string | null; interpretation: string | null; effectiveAt: Date | null }

/** Flags of earlier results of the tests that are out of range now: one that never was before is bigger news. */
async function flagsBeforeOf(
  record: RecordClient,
  patientId: string,
  fresh: readonly NewRow[],
): Promise<FlagBefore[]> {
  const codes = [...new Set(fresh.filter(isOutOfRange).flatMap(({ code }) => code ?? []))].slice(0, 12)
  if (codes.length === 0) return []
  return record.observation.findMany({
    where: {
      patientId,
      kind: 'laboratory',
      OR: codes.map((code) => ({ code })),
      status: { in: ['final', 'corrected', 'amended'] },
    },
    orderBy: { effectiveAt: 'desc' },
    take: 60,
    select: { code: true, interpretation: true, effectiveAt: true },
  })
}

function toAttention(row: NewRow, flagsBefore: readonly FlagBefore[]): AttentionView {
  const at = row.effectiveAt
  const before = flagsBefore.find(
    (other) => other.code === row.code && at !== null && other.effectiveAt !== null && other.effectiveAt < at,
  )
  return {
    id: row.id,
    name: row.display,
    flag: toFlag(row.interpretation),
    collectedAt: (at ?? row.issuedAt ?? row.createdAt).toISOString(),
    reviewed: row.reviewedAt !== null,
    wasInRange: isOutOfRange(row) && before !== undefined && !isOutOfRange(before),
  }
}

function isOutOfRange(row: { interpretation: string | null }): boolean {
  return urgency(toFlag(row.interpretation)) >= 2
}

/** Out of range first, critical before that; then what is out for the first time; then the newest. */
function byNeed(a: AttentionView, b: AttentionView): number {
  return (
    urgency(b.flag) - urgency(a.flag) ||
    Number(b.wasInRange) - Number(a.wasInRange) ||
    b.collectedAt.localeCompare(a.collectedAt) ||
    a.name.localeCompare(b.name)
  )
}
