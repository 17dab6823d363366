import 'server-only'

import { toFlag, urgency } from '#lib/records/shared/result-row.ts'
import { valueBefore, type EarlierRow } from '#lib/records/shared/value-before.ts'
import type { ChartView, ResultToReviewView } from './view.ts'

/** How many unreviewed results are looked at for the summary, and how many of them it shows. */
export const waitingMax = 50
const shownMax = 6

type Waiting = {
  id: string
  code: string | null
  display: string
  value: string | null
  unit: string | null
  interpretation: string | null
  effectiveAt: Date | null
  issuedAt: Date | null
  createdAt: Date
}
/**
 * The unreviewed results that ask for the most attention, each with the value before it: the newest earlier one of the
 * same test in the same unit.
 */
export function toResultsToReview(
  waiting: readonly Waiting[],
  earlier: readonly EarlierRow[],
): Pick<ChartView, 'toReview' | 'toReviewCount' | 'toReviewAtLeast'> {
  const toReview = waiting
    .map((row): ResultToReviewView => ({
      id: row.id,
      name: row.display,
      value: row.value ?? 'No value',
      unit: row.unit,
      flag: toFlag(row.interpretation),
      before: valueBefore(row, earlier)?.value ?? null,
      collectedAt: (row.effectiveAt ?? row.issuedAt ?? row.createdAt).toISOString(),
    }))
    .toSorted((a, b) => urgency(b.flag) - urgency(a.flag) || b.collectedAt.localeCompare(a.collectedAt))
  return {
    toReview: toReview.slice(0, shownMax),
    toReviewCount: toReview.length,
    toReviewAtLeast: waiting.length === waitingMax,
  }
}
