'use server'

import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { stepUp } from '#lib/auth/step-up.ts'
import { endBreakGlass } from '#lib/oversight/break-glass/open-break-glass.ts'
import { readReview, reviewBreakGlass } from '#lib/oversight/break-glass/review-break-glass.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type ReviewState = { errors: FieldError[]; decision: string; note: string; asks: AskedFactors }

/** Decides about an emergency access, after a fresh one-time code. */
export async function review(before: ReviewState, data: FormData): Promise<ReviewState> {
  const actor = await requireActor('compliance')
  const text = (name: string, limit: number): string => {
    const value = data.get(name)
    return typeof value === 'string' ? value.slice(0, limit) : ''
  }
  const given = { decision: text('decision', 20), note: text('note', 8000) }
  const failed = (errors: FieldError[], asks = before.asks): ReviewState => ({
    errors,
    ...given,
    asks,
  })
  const lease = z.uuid().safeParse(data.get('lease'))
  const read = readReview(given)
  if (read.kind === 'problems') return failed(read.problems)
  if (!lease.success) return failed([{ field: '', message: 'There is no such emergency access.' }])
  const proven = await stepUp(actor, data, 'code')
  if (proven.kind === 'refused') return failed([{ field: 'code', message: proven.message }], proven.asks)
  const refused = await reviewBreakGlass(proven.actor, lease.data, read.decision, read.note)
  if (refused !== null) return failed([{ field: '', message: refused }], false)
  redirect(withQuery(paths.complianceBreakGlass, { done: read.decision }))
}

/** Stops an emergency access that is still open. */
export async function revoke(data: FormData): Promise<void> {
  const actor = await requireActor('compliance')
  const lease = z.uuid().safeParse(data.get('lease'))
  const refused = lease.success ? await endBreakGlass(actor, lease.data) : ''
  redirect(withQuery(paths.complianceBreakGlass, { done: refused === null ? 'revoked' : null }))
}
