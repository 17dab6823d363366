import 'server-only'

import { now } from '#lib/clock.ts'
import { findMyPatients } from '#lib/phi/find-my-patients.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { identityFields, identitySelect, toIdentity } from '#lib/records/shared/identity.ts'
import { toFlag, urgency } from '#lib/records/shared/result-row.ts'
import { today } from '#lib/records/shared/today.ts'
import { readCursor, writeCursor } from './cursor.ts'
import type { WorklistRowView, WorklistView } from './view.ts'

export const worklistPageSize = 25
/** Enough to say "20 or more"; a list that has to be counted is not worked through here. */
const waitingMax = 20

/** Results that count as waiting: there, and neither cancelled nor a mistake. */
const waitingStatuses = ['preliminary', 'final', 'corrected', 'amended', 'unknown']

/** The worklist needs names and flags, not values: no other field is admitted (45 CFR 164.502(b)). */
const fields = {
  Patient: identityFields,
  Observation: ['display', 'interpretation'],
}

/**
 * One page of the patients that the actor cares for, those with unreviewed results first. Ids come from the care
 * relationships; then one admission opens the whole page, one row of the trail per patient.
 * @param cursor the `next` of the page before
 */
export async function listMyPatients(actor: Actor, cursor?: string): Promise<Outcome<WorklistView>> {
  const found = await findMyPatients(actor, worklistPageSize + 1, readCursor(cursor))
  const page = found.slice(0, worklistPageSize)
  const last = page.at(-1)
  const readAt = now().toISOString()
  if (!last) return { kind: 'granted', value: { rows: [], next: null, readAt }, patients: [] }

  const patients = page.map(({ patientId }) => patientId)
  return withRecord(
    actor,
    { view: 'care-worklist', action: 'READ', patients, fields },
    async (record, granted) => {
      const day = today()
      const rows = await record.patient.findMany({
        where: { id: { in: granted } },
        take: worklistPageSize,
        select: { ...identitySelect, attentionAt: true },
      })
      const views = new Map<string, WorklistRowView>()
      for (const row of rows) {
        views.set(row.id, {
          patient: toIdentity(row, day),
          waiting: row.attentionAt === null ? null : summarise(await waitingResults(record, row.id)),
          vitalsAt: await newestVitals(record, row.id),
        })
      }
      return {
        rows: patients.flatMap((id) => views.get(id) ?? []),
        next: found.length > page.length ? writeCursor(last) : null,
        readAt,
      }
    },
  )
}

type Reader = Parameters<Parameters<typeof withRecord>[2]>[0]

/** Asked for patient by patient: the index gives the newest rows of one patient, where a list of patients would be read whole. */
function waitingResults(record: Reader, patientId: string): Promise<WaitingRow[]> {
  return record.observation.findMany({
    where: { patientId, kind: 'laboratory', reviewedAt: null, status: { in: waitingStatuses } },
    orderBy: { effectiveAt: 'desc' },
    take: waitingMax,
    select: { display: true, interpretation: true, effectiveAt: true, issuedAt: true },
  })
}

/** When vital signs were last taken: a time alone, nothing is decrypted. */
async function newestVitals(record: Reader, patientId: string): Promise<string | null> {
  const row = await record.observation.findFirst({
    where: {
      patientId,
      kind: 'vital-signs',
      effectiveAt: { not: null },
      status: { notIn: ['cancelled', 'entered-in-error'] },
    },
    orderBy: { effectiveAt: 'desc' },
    select: { effectiveAt: true },
  })
  return row?.effectiveAt?.toISOString() ?? null
}

type WaitingRow = {
  display: string
  interpretation: string | null
  effectiveAt: Date | null
  issuedAt: Date | null
}

/** Of all that waits, the result to name is the one whose flag asks for the most attention. */
function summarise(rows: readonly WaitingRow[]): WorklistRowView['waiting'] {
  const [loudest] = rows.toSorted(
    (a, b) => urgency(toFlag(b.interpretation)) - urgency(toFlag(a.interpretation)),
  )
  const times = rows.flatMap((row) => row.issuedAt ?? row.effectiveAt ?? []).map((time) => time.toISOString())
  const since = times.toSorted()[0]
  if (!loudest || since === undefined) return null
  return {
    count: rows.length,
    atLeast: rows.length === waitingMax,
    name: loudest.display,
    flag: toFlag(loudest.interpretation),
    since,
  }
}
