import { expect, test } from 'vitest'
import { toResultsToReview, waitingMax } from './to-results-to-review.ts'

const waiting = (id: string, interpretation: string | null, day = '2026-11-20') => ({
  id,
  code: id,
  display: id,
  value: '1',
  unit: null,
  interpretation,
  effectiveAt: new Date(`${day}T08:00:00Z`),
  issuedAt: null,
  createdAt: new Date('2026-11-21T00:00:00Z'),
})

test('a critical result comes first, then what is out of range, then the newest', () => {
  const { toReview } = toResultsToReview(
    [
      waiting('normal', 'normal'),
      waiting('newer', 'low', '2026-11-21'),
      waiting('high', 'high'),
      waiting('critical', 'critical-low', '2026-01-01'),
    ],
    [],
  )
  expect(toReview.map(({ id }) => id)).toEqual(['critical', 'newer', 'high', 'normal'])
})

test('six are shown, all are counted, and a count that may be short says so', () => {
  const many = Array.from({ length: waitingMax }, (_, index) => waiting(`r${index}`, 'normal'))
  expect(toResultsToReview(many, [])).toMatchObject({ toReviewCount: waitingMax, toReviewAtLeast: true })
  expect(toResultsToReview(many, []).toReview).toHaveLength(6)
  expect(toResultsToReview(many.slice(1), [])).toMatchObject({ toReviewAtLeast: false })
})

test('a flag that nobody knows is shown as none, never as normal', () => {
  expect(toResultsToReview([waiting('odd', 'weird')], []).toReview[0]?.flag).toBeNull()
})
