'use server'

import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { codeText, waitText } from '#lib/auth/refusal-text.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { stepUp } from '#lib/auth/step-up.ts'
import { endBreakGlass } from '#lib/oversight/break-glass/open-break-glass.ts'
import { readReview, reviewBreakGlass } from '#lib/oversight/break-glass/review-break-glass.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type ReviewState = { errors: FieldError[]; decision: string; note: string; asksForCode: boolean }

/** Decides about an emergency access, after a fresh one-time code. */
export async function review(before: ReviewState, data: FormData): Promise<ReviewState> {
  const actor = await requireActor('compliance')
  const text = (name: string, limit: number): string => {
    const value = data.get(name)
    return typeof value === 'string' ? value.slice(0, limit) : ''
  }
  const given = { decision: text('decision', 20), note: text('note', 8000) }
  const failed = (errors: FieldError[], asksForCode = before.asksForCode): ReviewState => ({
    errors,
    ...given,
    asksForCode,
  })
  const lease = z.uuid().safeParse(data.get('lease'))
  const read = readReview(given)
  if (read.kind === 'problems') return failed(read.problems)
  if (!lease.success) return failed([{ field: '', message: 'There is no such emergency access.' }])
  const proven = await stepUp(actor, text('code', 64))
  if (proven.kind === 'code-needed')
    return failed([{ field: 'code', message: 'Enter a one-time code from your app' }], true)
  if (proven.kind === 'wait') return failed([{ field: 'code', message: waitText(proven.seconds) }], true)
  if (proven.kind !== 'fresh')
    return failed([{ field: 'code', message: codeText(proven.kind, 'totp') }], true)
  const refused = await reviewBreakGlass(actor, lease.data, read.decision, read.note)
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
