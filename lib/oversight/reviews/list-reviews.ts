import 'server-only'

import type { Actor } from '#lib/policy/actor.ts'
import { reviewQuery } from '#lib/audit/review-query.ts'
import type { ReviewListView, ReviewScope } from './view.ts'
import { scopeTitles } from './words.ts'

type Row = {
  review_id: string
  scope: ReviewScope
  started_at: Date
  started_by: string | null
  due_at: Date
  closed_at: Date | null
  signed_at: Date | null
  accounts: number
  unanswered: number
  revoked: number
}

/**
 * Reviews of access, newest first; none for anybody but compliance officers.
 * @throws AuditUnavailable
 */
export async function listReviews(actor: Actor): Promise<ReviewListView[]> {
  const rows = await reviewQuery<Row>(actor, 'SELECT * FROM audit.review_list($1)')
  return rows.map((row) => ({
    reviewId: row.review_id,
    scope: row.scope,
    title: scopeTitles[row.scope],
    startedAt: row.started_at.toISOString(),
    startedBy: row.started_by,
    dueAt: row.due_at.toISOString(),
    ...stateOf(row),
    accounts: row.accounts,
    unanswered: row.unanswered,
    revoked: row.revoked,
  }))
}

function stateOf(row: Row): Pick<ReviewListView, 'state' | 'stateText'> {
  if (row.signed_at !== null) return { state: 'signed', stateText: 'Signed' }
  if (row.unanswered === 0) return { state: 'to-sign', stateText: 'Waits for a signature' }
  return { state: 'open', stateText: 'Open' }
}
