'use server'

import { redirect } from 'next/navigation'
import type { FieldError } from '#components/ui/field-error.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { decideCase } from '#lib/oversight/watching/decide-case.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type CaseFormState = { errors: FieldError[]; kind: string; reason: string; days: string }

/** Explains a case, opens an incident, or holds the same back for some days. */
export async function decideCaseAction(_: CaseFormState, data: FormData): Promise<CaseFormState> {
  const actor = await requireActor('compliance')
  const form = { kind: text(data, 'kind'), reason: text(data, 'reason'), days: text(data, 'days') }
  const errors = await decideCase(actor, text(data, 'case'), form)
  if (errors.length > 0) return { errors, ...form }
  redirect(withQuery(paths.complianceCases, { done: 'decided' }))
}

function text(data: FormData, name: string): string {
  const value = data.get(name)
  return typeof value === 'string' ? value.slice(0, 4000) : ''
}
