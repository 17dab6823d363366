'use server'

import { redirect } from 'next/navigation'
import type { FieldError } from '#components/ui/field-error.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { stepUp } from '#lib/auth/step-up.ts'
import { endMark, markRecord, readMark } from '#lib/oversight/watching/mark-record.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type MarkFormState = { errors: FieldError[]; asks: AskedFactors; values: Record<string, string> }
export type EndMarkState = { errors: FieldError[]; asks: AskedFactors }

const fields = ['kind', 'account', 'familyName', 'givenName', 'birthDate', 'mrn']

/** Marks a record as a colleague's own, or as confidential, after a fresh one-time code. */
export async function markRecordAction(before: MarkFormState, data: FormData): Promise<MarkFormState> {
  const actor = await requireActor('compliance')
  const values = Object.fromEntries(fields.map((name) => [name, text(data, name)]))
  const read = readMark(values)
  if (read.kind === 'problems') return { errors: read.problems, asks: before.asks, values }
  const raised = await stepUp(actor, data, 'mark-code')
  if (raised.kind === 'refused')
    return { errors: [{ field: 'mark-code', message: raised.message }], asks: raised.asks, values }
  const errors = await markRecord(raised.actor, read.mark)
  if (errors.length > 0) return { errors, asks: false, values }
  redirect(withQuery(paths.complianceWatchedRecords, { done: 'marked' }))
}

/** Ends a mark, after a fresh one-time code. */
export async function endMarkAction(_: EndMarkState, data: FormData): Promise<EndMarkState> {
  const actor = await requireActor('compliance')
  const mark = text(data, 'mark')
  const field = `end-code-${mark}`
  const raised = await stepUp(actor, data, field)
  if (raised.kind === 'refused') return { errors: [{ field, message: raised.message }], asks: raised.asks }
  const refusal = await endMark(raised.actor, mark)
  if (refusal !== null) return { errors: [{ field: '', message: refusal }], asks: false }
  redirect(withQuery(paths.complianceWatchedRecords, { done: 'ended' }))
}

function text(data: FormData, name: string): string {
  const value = data.get(name)
  return typeof value === 'string' ? value.slice(0, 200) : ''
}
