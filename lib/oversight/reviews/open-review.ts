import 'server-only'

import { z } from 'zod'
import { openTexts } from '#lib/accounts/sealed-text.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { reviewItem, type ItemRow } from './review-item.ts'
import { reviewQuery } from '#lib/audit/review-query.ts'
import type { ReviewScope, ReviewView } from './view.ts'
import { scopeTitles } from './words.ts'

type Row = Omit<ItemRow, 'item_id'> & {
  item_id: string | null
  scope: ReviewScope
  started_at: Date
  started_by: string | null
  due_at: Date
  closed_at: Date | null
  signed_at: Date | null
  signed_by: string | null
  result_digest: string | null
  result_holds: boolean | null
  is_open: boolean
}

/**
 * One review whole, with what each account did in the 90 days before it began. Opening it is on record.
 * @returns null when there is none, or the reader is refused
 * @throws AuditUnavailable, KeysUnavailable
 */
export async function openReview(actor: Actor, reviewId: string): Promise<ReviewView | null> {
  if (!z.uuid().safeParse(reviewId).success) return null
  const rows = await reviewQuery<Row>(actor, 'SELECT * FROM audit.review_open($1, $2, $3)', [
    reviewId,
    actor.clientIp,
  ])
  const [head] = rows
  if (!head) return null
  const items = rows.filter((row): row is Row & ItemRow => row.item_id !== null)
  const notes = new Map(
    await Promise.all(items.map(async (row) => [row.item_id, await openNote(row)] as const)),
  )
  return {
    reviewId,
    scope: head.scope,
    title: scopeTitles[head.scope],
    startedAt: head.started_at.toISOString(),
    startedBy: head.started_by,
    dueAt: head.due_at.toISOString(),
    closedAt: head.closed_at?.toISOString() ?? null,
    isOpen: head.is_open,
    unanswered: items.filter((row) => row.decision === null).length,
    signature:
      head.signed_at === null
        ? null
        : {
            at: head.signed_at.toISOString(),
            by: head.signed_by ?? '',
            digest: head.result_digest ?? '',
            holds: head.result_holds === true,
          },
    items: items.map((row) => reviewItem(row, notes.get(row.item_id) ?? null)),
  }
}

/** What was written with an answer; null when there is nothing, or it does not open any more. */
async function openNote({ note_id: id, note_sealed: sealed }: ItemRow): Promise<string | null> {
  if (id === null || sealed === null) return null
  try {
    return (await openTexts([{ id, sealed }])).get(id) ?? null
  } catch (error) {
    if (error instanceof Error && error.name === 'CryptoError') return null
    throw error
  }
}
