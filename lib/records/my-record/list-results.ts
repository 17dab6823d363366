import 'server-only'

import { now } from '#lib/clock.ts'
import type { Outcome, RecordClient } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { readableUnit } from '#lib/records/shared/readable-unit.ts'
import { toFlag, toStatus, urgency } from '#lib/records/shared/result-row.ts'
import { readTimeCursor, writeTimeCursor, type TimeCursor } from '#lib/records/shared/time-cursor.ts'
import { isNew, newSince } from './newness.ts'
import type { ResultsFilter } from './results-filter.ts'
import type { MyResultRowView, MyResultsView } from './view.ts'
import { nameFields, nameSelect, toWhose } from './whose.ts'

export const resultsPageSize = 40
/** How many rows are opened at most to fill one page of results that are out of range. */
const openedMax = 400

const fields = {
  Patient: nameFields,
  Observation: [
    'display', 'value', 'unit', 'interpretation', 'referenceLow', 'referenceHigh', 'referenceText', 'performer',
  ],
  DiagnosticReport: ['display'],
} // prettier-ignore

/**
 * Laboratory results, newest first, a page at a time. Null when there is no such patient.
 * Flags are encrypted and cannot be filtered by the database: `outOfRange` opens page after page until one is full.
 * @param filter.cursor the `next` of the page before
 */
export async function listResults(
  actor: Actor,
  patientId: string,
  filter: ResultsFilter & { cursor?: string | undefined } = { period: 'all', outOfRange: false },
): Promise<Outcome<MyResultsView | null>> {
  return withRecord(
    actor,
    { view: 'my-results', action: 'READ', patients: [patientId], fields },
    async (record) => {
      const patient = await record.patient.findUnique({ where: { id: patientId }, select: nameSelect })
      if (!patient) return null
      const { rows, next } = await page(record, patientId, filter, readTimeCursor(filter.cursor))
      const since = newSince()
      return {
        whose: toWhose(patient),
        results: rows
          .map((row) => toRow(row, since))
          .toSorted((a, b) => b.collectedAt.localeCompare(a.collectedAt) || a.name.localeCompare(b.name)),
        next: next && writeTimeCursor(next),
      }
    },
  )
}

type Row = Awaited<ReturnType<typeof batch>>[number]

async function page(
  record: RecordClient,
  patientId: string,
  filter: ResultsFilter,
  start: TimeCursor | null,
): Promise<{ rows: Row[]; next: TimeCursor | null }> {
  const rows: Row[] = []
  let after = start
  const size = filter.outOfRange ? 100 : resultsPageSize + 1
  for (let opened = 0; opened < openedMax; opened += size) {
    const found = await batch(record, patientId, filter, after, size)
    for (const row of found) {
      if (filter.outOfRange && urgency(toFlag(row.interpretation)) < 2) continue
      if (rows.length === resultsPageSize) return { rows, next: cursorOf(rows.at(-1)) }
      rows.push(row)
    }
    if (found.length < size)
      return { rows: [...rows, ...(await undated(record, patientId, filter))], next: null }
    after = cursorOf(found.at(-1))
  }
  return { rows, next: after }
}

function batch(
  record: RecordClient,
  patientId: string,
  { period }: ResultsFilter,
  after: TimeCursor | null,
  take: number,
) {
  const from = periodStart(period)
  return record.observation.findMany({
    where: {
      patientId,
      kind: 'laboratory',
      status: { not: 'registered' },
      effectiveAt: { not: null, ...(from ? { gte: from } : {}) },
      ...(after ? { OR: [{ effectiveAt: { lt: after.at } }, { effectiveAt: after.at, id: { lt: after.id } }] } : {}),
    },
    orderBy: [{ effectiveAt: 'desc' }, { id: 'desc' }],
    take,
    select: rowSelect,
  }) // prettier-ignore
}

/** Results of which nobody knows when the sample was taken stand at the end of the list. */
async function undated(record: RecordClient, patientId: string, filter: ResultsFilter): Promise<Row[]> {
  if (filter.period !== 'all') return []
  const rows = await record.observation.findMany({
    where: { patientId, kind: 'laboratory', status: { not: 'registered' }, effectiveAt: null },
    orderBy: { id: 'desc' },
    take: 50,
    select: rowSelect,
  })
  return rows.filter((row) => !filter.outOfRange || urgency(toFlag(row.interpretation)) >= 2)
}

const rowSelect = {
  id: true,
  status: true,
  effectiveAt: true,
  issuedAt: true,
  correctedAt: true,
  reviewedAt: true,
  createdAt: true,
  display: true,
  value: true,
  unit: true,
  interpretation: true,
  referenceLow: true,
  referenceHigh: true,
  referenceText: true,
  performer: true,
  diagnosticReport: { select: { display: true } },
} as const

function toRow(row: Row, since: Date): MyResultRowView {
  return {
    id: row.id,
    name: row.display,
    value: row.value ?? 'No value',
    unit: readableUnit(row.unit),
    flag: toFlag(row.interpretation),
    status: toStatus(row.status),
    collectedAt: (row.effectiveAt ?? row.issuedAt ?? row.createdAt).toISOString(),
    correctedAt: row.correctedAt?.toISOString() ?? null,
    reviewed: row.reviewedAt !== null,
    reportName: row.diagnosticReport?.display ?? null,
    performer: row.performer,
    isNew: isNew(row, since),
    hasRange: row.referenceLow !== null || row.referenceHigh !== null || row.referenceText !== null,
  }
}

function cursorOf(row: Row | undefined): TimeCursor | null {
  return row?.effectiveAt ? { at: row.effectiveAt.toISOString(), id: row.id } : null
}

const daysOf = { '3-months': 92, '12-months': 366, all: null } as const

function periodStart(period: ResultsFilter['period']): Date | null {
  const days = daysOf[period]
  return days === null ? null : new Date(now().getTime() - days * 86_400_000)
}
