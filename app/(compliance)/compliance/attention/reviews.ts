import 'server-only'

import { formatDateForStaff, plural } from '#lib/format.ts'
import { listReviews } from '#lib/oversight/reviews/list-reviews.ts'
import { paths } from '#lib/paths.ts'
import type { AttentionSource } from './attention-source.ts'

/** Reviews of access that wait for answers or for a signature. */
export const reviewAttention: AttentionSource = async (actor) =>
  (await listReviews(actor))
    .filter(({ state }) => state !== 'signed')
    .map((review) => ({
      id: `review-${review.reviewId}`,
      href: paths.complianceReview(review.reviewId),
      icon: 'users',
      tone: review.state === 'open' ? 'warn' : 'info',
      title: `Access review: ${review.title.toLowerCase()}`,
      description:
        review.state === 'open'
          ? `${plural(review.unanswered, 'account')} to answer for by ${formatDateForStaff(review.dueAt)}. Access that nobody answered for ends then.`
          : 'Every account is answered for. The result waits for a signature.',
    }))
