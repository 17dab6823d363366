import 'server-only'

import { now } from '#lib/clock.ts'
import type { Outcome, RecordClient } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { bannerSelect, toBanner } from '#lib/records/shared/banner.ts'
import { urgency } from '#lib/records/shared/result-row.ts'
import { readTimeCursor, writeTimeCursor } from '#lib/records/shared/time-cursor.ts'
import { today } from '#lib/records/shared/today.ts'
import { earlierSelect } from '#lib/records/shared/value-before.ts'
import { chartResultSelect, notMistaken, toChartResult } from './chart-result-row.ts'
import type { ChartResultsView, ChartResultView } from './view.ts'

export const chartResultsPageSize = 40
const countMax = 100

/**
 * Laboratory results of a chart, newest first, a page at a time; `waitingOnly` leaves out what was reviewed.
 * Null when there is no such patient.
 * @param options.cursor the `next` of the page before
 */
export async function listChartResults(
  actor: Actor,
  patientId: string,
  options: { waitingOnly?: boolean; cursor?: string | undefined } = {},
): Promise<Outcome<ChartResultsView | null>> {
  const after = readTimeCursor(options.cursor)
  return withRecord(
    actor,
    { view: 'chart-results', action: 'READ', patients: [patientId] },
    async (record) => {
      const patient = await record.patient.findUnique({ where: { id: patientId }, select: bannerSelect })
      if (!patient) return null
      const found = await record.observation.findMany({
        where: {
          patientId,
          kind: 'laboratory',
          ...(options.waitingOnly ? { reviewedAt: null, ...notMistaken } : {}),
          ...(after
            ? { OR: [{ effectiveAt: { lt: after.at } }, { effectiveAt: after.at, id: { lt: after.id } }] }
            : {}),
          effectiveAt: { not: null },
        },
        orderBy: [{ effectiveAt: 'desc' }, { id: 'desc' }],
        take: chartResultsPageSize + 1,
        select: chartResultSelect,
      })
      const page = found.slice(0, chartResultsPageSize)
      const last = page.at(-1)
      const earlier = await earlierResults(
        record,
        patientId,
        page.flatMap(({ code }) => code ?? []),
      )
      return {
        banner: toBanner(patient, today()),
        results: page.map((row) => toChartResult(row, earlier)).toSorted(byAttention),
        next:
          found.length > page.length && last?.effectiveAt
            ? writeTimeCursor({ at: last.effectiveAt.toISOString(), id: last.id })
            : null,
        waitingCount: await countWaiting(record, patientId),
        readAt: now().toISOString(),
      }
    },
  )
}

/** Newest first; of those that were collected together, what asks for attention comes first. */
function byAttention(a: ChartResultView, b: ChartResultView): number {
  return (
    b.collectedAt.localeCompare(a.collectedAt) ||
    urgency(b.flag) - urgency(a.flag) ||
    a.name.localeCompare(b.name)
  )
}

async function earlierResults(record: RecordClient, patientId: string, codes: readonly string[]) {
  const distinct = [...new Set(codes)].slice(0, 60)
  if (distinct.length === 0) return []
  return record.observation.findMany({
    where: {
      patientId,
      kind: 'laboratory',
      OR: distinct.map((code) => ({ code })),
      status: { in: ['final', 'corrected', 'amended'] },
    },
    orderBy: { effectiveAt: 'desc' },
    take: 300,
    select: earlierSelect,
  })
}

async function countWaiting(record: RecordClient, patientId: string): Promise<number> {
  const rows = await record.observation.findMany({
    where: { patientId, kind: 'laboratory', reviewedAt: null, ...notMistaken },
    take: countMax,
    select: { id: true },
  })
  return rows.length
}
