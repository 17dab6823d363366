'use server'

import { redirect } from 'next/navigation'
import type { FieldError } from '#components/ui/field-error.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { stepUp, type StepUp } from '#lib/auth/step-up.ts'
import { answerItem, reviewAnswer } from '#lib/oversight/reviews/answer-item.ts'
import { signReview } from '#lib/oversight/reviews/sign-review.ts'
import { startReview } from '#lib/oversight/reviews/start-review.ts'
import { reviewRefusal } from '#lib/oversight/reviews/words.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type ReviewFormState = {
  errors: FieldError[]
  asks: AskedFactors
  values: Record<string, string>
} | null

/** Starts a review of some roles, after a fresh one-time code. */
export async function startReviewAction(_: ReviewFormState, form: FormData): Promise<ReviewFormState> {
  const actor = await requireActor('compliance')
  const values = valuesOf(form, ['scope', 'days'])
  const { scope = '', days = '' } = values
  const errors: FieldError[] = []
  if (scope !== 'privileged' && scope !== 'standard')
    errors.push({ field: 'scope', message: 'Choose whose access to review' })
  if (!/^[0-9]{1,2}$/.test(days) || Number(days) < 7 || Number(days) > 60)
    errors.push({ field: 'days', message: 'Enter a number of days from 7 to 60' })
  if (errors.length > 0) return { errors, asks: false, values }
  const raised = await stepUp(actor, form, 'review-code')
  if (raised.kind === 'refused') return notFresh(raised, 'review-code', values)
  const started = await startReview(
    raised.actor,
    scope === 'privileged' ? 'privileged' : 'standard',
    Number(days),
  )
  if ('refusal' in started)
    return {
      errors: [{ field: 'scope', message: reviewRefusal(started.refusal) }],
      asks: false,
      values,
    }
  redirect(paths.complianceReview(started.reviewId))
}

/** Answers for one account, after a fresh one-time code. */
export async function answerItemAction(_: ReviewFormState, form: FormData): Promise<ReviewFormState> {
  const actor = await requireActor('compliance')
  const item = text(form, 'item')
  const field = (name: string): string => `${name}-${item}`
  const values = valuesOf(form, ['decision', 'newRole', 'note'].map(field))
  const read = reviewAnswer.safeParse({
    itemId: item,
    decision: values[field('decision')],
    newRole: values[field('newRole')] ?? '',
    note: values[field('note')] ?? '',
  })
  if (!read.success)
    return {
      errors: read.error.issues.map(({ path, message }) => ({ field: field(String(path[0])), message })),
      asks: false,
      values,
    }
  const raised = await stepUp(actor, form, field('code'))
  if (raised.kind === 'refused') return notFresh(raised, field('code'), values)
  const refusal = await answerItem(raised.actor, read.data)
  if (refusal !== null)
    return {
      errors: [{ field: field('decision'), message: reviewRefusal(refusal) }],
      asks: false,
      values,
    }
  redirect(withQuery(paths.complianceReview(text(form, 'review')), { done: 'answered' }))
}

/** Signs a result, after a fresh one-time code. */
export async function signReviewAction(_: ReviewFormState, form: FormData): Promise<ReviewFormState> {
  const actor = await requireActor('compliance')
  const reviewId = text(form, 'review')
  const raised = await stepUp(actor, form, 'signature-code')
  if (raised.kind === 'refused') return notFresh(raised, 'signature-code', {})
  const refusal = await signReview(raised.actor, reviewId)
  if (refusal !== null)
    return { errors: [{ field: '', message: reviewRefusal(refusal) }], asks: false, values: {} }
  redirect(withQuery(paths.complianceReview(reviewId), { done: 'signed' }))
}

function text(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value.slice(0, 4000) : ''
}

function valuesOf(form: FormData, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, text(form, name)]))
}

function notFresh(
  { message, asks }: Extract<StepUp, { kind: 'refused' }>,
  field: string,
  values: Record<string, string>,
): ReviewFormState {
  return { errors: [{ field, message }], asks, values }
}
