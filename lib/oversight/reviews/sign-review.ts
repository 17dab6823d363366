import 'server-only'

import type { Actor } from '#lib/policy/actor.ts'
import { reviewQuery } from '#lib/audit/review-query.ts'

/**
 * Signs the result of a review in which every account is answered for: who, when, and the digest of the result stand in the
 * security log from then on, and so in the sealed tree. Needs a fresh second factor.
 * @returns null, or why not
 * @throws AuditUnavailable
 */
export async function signReview(actor: Actor, reviewId: string): Promise<string | null> {
  const [row] = await reviewQuery<{ refusal: string | null }>(
    actor,
    'SELECT audit.review_sign($1, $2, $3) AS refusal',
    [reviewId, actor.clientIp],
  )
  return row === undefined ? 'no-such-review' : row.refusal
}
