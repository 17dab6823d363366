'use server'

import { redirect } from 'next/navigation'
import type { FieldError } from '#components/ui/field-error.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { stepUp } from '#lib/auth/step-up.ts'
import { decideCase, readDecision } from '#lib/oversight/watching/decide-case.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type CaseFormState = {
  errors: FieldError[]
  asks: AskedFactors
  kind: string
  reason: string
  days: string
}

/** Explains a case, opens an incident, or holds the same back for some days, after a fresh one-time code. */
export async function decideCaseAction(before: CaseFormState, data: FormData): Promise<CaseFormState> {
  const actor = await requireActor('compliance')
  const form = { kind: text(data, 'kind'), reason: text(data, 'reason'), days: text(data, 'days') }
  const read = readDecision(form)
  if (read.kind === 'problems') return { errors: read.problems, asks: before.asks, ...form }
  const raised = await stepUp(actor, data, 'case-code')
  if (raised.kind === 'refused')
    return { errors: [{ field: 'case-code', message: raised.message }], asks: raised.asks, ...form }
  const refusal = await decideCase(raised.actor, text(data, 'case'), read.decision)
  if (refusal !== null) return { errors: [{ field: '', message: refusal }], asks: false, ...form }
  redirect(withQuery(paths.complianceCases, { done: 'decided' }))
}

function text(data: FormData, name: string): string {
  const value = data.get(name)
  return typeof value === 'string' ? value.slice(0, 4000) : ''
}
