'use server'

import { notFound, redirect } from 'next/navigation'
import { requireActor } from '#lib/auth/require-actor.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { reviewInput } from '#lib/records/labs/input.ts'
import { markResultReviewed } from '#lib/records/labs/mark-result-reviewed.ts'
import { idOr404, openedOr404 } from '../../../../../opened.ts'

export type ReviewState = { comment: string; problem: string } | null

/** Marks a result as reviewed and goes on to the ones that still wait. */
export async function markReviewedAction(
  patientId: string,
  resultId: string,
  _: ReviewState,
  data: FormData,
): Promise<ReviewState> {
  const actor = await requireActor()
  const typed = data.get('comment')
  const comment = typeof typed === 'string' ? typed : ''
  const parsed = reviewInput.safeParse({ comment })
  if (!parsed.success) return { comment, problem: parsed.error.issues[0]?.message ?? 'Check the comment' }
  const outcome = openedOr404(
    await markResultReviewed(actor, idOr404(patientId), idOr404(resultId), parsed.data),
  )
  if (outcome.kind === 'not-found') notFound()
  if (outcome.kind === 'comment-needed') {
    return { comment, problem: 'Write what was done: a critical result needs a comment' }
  }
  redirect(withQuery(paths.chartResults(patientId), { show: 'waiting', done: outcome.kind }))
}
