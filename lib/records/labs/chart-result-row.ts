import 'server-only'

import { resultSelect, toResult, type ResultRow } from '#lib/records/shared/result-row.ts'
import { valueBefore, type EarlierRow } from '#lib/records/shared/value-before.ts'
import type { ChartResultView } from './view.ts'

/** A result that can be waiting for somebody: neither cancelled nor a mistake, and already there. */
export const notMistaken = { status: { notIn: ['cancelled', 'entered-in-error', 'registered'] } }

export const chartResultSelect = {
  ...resultSelect,
  code: true,
  reviewedBy: true,
  diagnosticReport: { select: { display: true } },
} as const

type Row = ResultRow & {
  code: string | null
  reviewedBy: string | null
  diagnosticReport: { display: string } | null
}

/** A row as the care team sees it, with the value before it out of `earlier`. */
export function toChartResult(row: Row, earlier: readonly EarlierRow[]): ChartResultView {
  const before = valueBefore(row, earlier)
  return {
    ...toResult(row, row.diagnosticReport?.display ?? null),
    before:
      before?.value && before.effectiveAt
        ? { value: before.value, collectedAt: before.effectiveAt.toISOString() }
        : null,
    reviewedAt: row.reviewedAt?.toISOString() ?? null,
    reviewedBy: row.reviewedBy,
  }
}
