import 'server-only'

import type { Actor } from '#lib/policy/actor.ts'
import { reviewQuery } from '#lib/audit/review-query.ts'
import type { ReviewScope } from './view.ts'

/**
 * Starts a review of the roles of a scope and writes down what each account did in the last 90 days. Needs a fresh second factor.
 * @param days to answer in, 7 to 60
 * @returns the review, or why not
 * @throws AuditUnavailable
 */
export async function startReview(
  actor: Actor,
  scope: ReviewScope,
  days: number,
): Promise<{ reviewId: string } | { refusal: string }> {
  const [row] = await reviewQuery<{ review_id: string | null; refusal: string | null }>(
    actor,
    'SELECT * FROM audit.review_start($1, $2, $3, $4)',
    [scope, days, actor.clientIp],
  )
  if (row?.review_id) return { reviewId: row.review_id }
  return { refusal: row?.refusal ?? 'not-possible' }
}
