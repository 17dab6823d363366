import 'server-only'

import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { sealText } from '#lib/accounts/sealed-text.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { reviewQuery } from '#lib/audit/review-query.ts'

/** An answer for one account. */
export const reviewAnswer = z
  .object({
    itemId: z.uuid(),
    decision: z.enum(['keep', 'change', 'revoke'], 'Choose what is to become of this access'),
    newRole: z.enum(['nurse', 'clinician', 'billing', ''], 'Choose a role'),
    note: z.string().trim().max(1000, 'A note has at most 1,000 characters'),
  })
  .refine(({ decision, newRole }) => decision !== 'change' || newRole !== '', {
    path: ['newRole'],
    message: 'Choose the new role',
  })
  .refine(({ decision, note }) => decision === 'keep' || note.length >= 10, {
    path: ['note'],
    message: 'Say why, in 10 to 1,000 characters',
  })
export type ReviewAnswer = z.infer<typeof reviewAnswer>

/**
 * Answers for one account of a review; the answer takes effect at once. Needs a fresh second factor, and somebody else than the
 * person.
 * @returns null, or why not
 * @throws AuditUnavailable, KeysUnavailable
 */
export async function answerItem(actor: Actor, answer: ReviewAnswer): Promise<string | null> {
  const noteId = answer.note === '' ? null : randomUUID()
  const note = noteId === null ? null : await sealText(noteId, answer.note)
  const [row] = await reviewQuery<{ refusal: string | null }>(
    actor,
    'SELECT audit.review_decide($1, $2, $3, $4, $5, $6, $7) AS refusal',
    [
      answer.itemId,
      answer.decision,
      answer.newRole === '' ? null : answer.newRole,
      noteId,
      note,
      actor.clientIp,
    ],
  )
  return row === undefined ? 'closed' : row.refusal
}
