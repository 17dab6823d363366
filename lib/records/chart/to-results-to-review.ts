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

const collectedAt = (row: Waiting): string => (row.effectiveAt ?? row.issuedAt ?? row.createdAt).toISOString()

/** The rows that are shown: those that ask for the most attention, then the newest. */
export function mostUrgent(waiting: readonly Waiting[]): Waiting[] {
  return waiting
    .toSorted(
      (a, b) =>
        urgency(toFlag(b.interpretation)) - urgency(toFlag(a.interpretation)) ||
        collectedAt(b).localeCompare(collectedAt(a)),
    )
    .slice(0, shownMax)
}

/**
 * The unreviewed results that ask for the most attention, each with the value before it: the newest earlier one of the
 * same test in the same unit.
 * @param earlier of the tests in `mostUrgent(waiting)`
 */
export function toResultsToReview(
  waiting: readonly Waiting[],
  earlier: readonly EarlierRow[],
): Pick<ChartView, 'toReview' | 'toReviewCount' | 'toReviewAtLeast'> {
  return {
    toReview: mostUrgent(waiting).map((row): ResultToReviewView => ({
      id: row.id,
      name: row.display,
      value: row.value ?? 'No value',
      unit: row.unit,
      flag: toFlag(row.interpretation),
      before: valueBefore(row, earlier)?.value ?? null,
      collectedAt: collectedAt(row),
    })),
    toReviewCount: waiting.length,
    toReviewAtLeast: waiting.length === waitingMax,
  }
}
