'use server'

import { redirect } from 'next/navigation'
import type { FieldError } from '#components/ui/field-error.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { stepUp } from '#lib/auth/step-up.ts'
import { stepUpText } from '#lib/auth/step-up-with-passkey.ts'
import { endMark, markRecord, readMark } from '#lib/oversight/watching/mark-record.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type MarkFormState = { errors: FieldError[]; asksForCode: boolean; values: Record<string, string> }
export type EndMarkState = { errors: FieldError[]; asksForCode: boolean }

const fields = ['kind', 'account', 'familyName', 'givenName', 'birthDate', 'mrn']

/** Marks a record as a colleague's own, or as confidential, after a fresh one-time code. */
export async function markRecordAction(before: MarkFormState, data: FormData): Promise<MarkFormState> {
  const actor = await requireActor('compliance')
  const values = Object.fromEntries(fields.map((name) => [name, text(data, name)]))
  const read = readMark(values)
  if (read.kind === 'problems') return { errors: read.problems, asksForCode: before.asksForCode, values }
  const raised = await stepUp(actor, text(data, 'mark-code'))
  if (raised.kind !== 'fresh')
    return { errors: [{ field: 'mark-code', message: stepUpText(raised) }], asksForCode: true, values }
  const errors = await markRecord(actor, read.mark)
  if (errors.length > 0) return { errors, asksForCode: false, values }
  redirect(withQuery(paths.complianceWatchedRecords, { done: 'marked' }))
}

/** Ends a mark, after a fresh one-time code. */
export async function endMarkAction(_: EndMarkState, data: FormData): Promise<EndMarkState> {
  const actor = await requireActor('compliance')
  const mark = text(data, 'mark')
  const field = `end-code-${mark}`
  const raised = await stepUp(actor, text(data, field))
  if (raised.kind !== 'fresh') return { errors: [{ field, message: stepUpText(raised) }], asksForCode: true }
  const refusal = await endMark(actor, mark)
  if (refusal !== null) return { errors: [{ field: '', message: refusal }], asksForCode: false }
  redirect(withQuery(paths.complianceWatchedRecords, { done: 'ended' }))
}

function text(data: FormData, name: string): string {
  const value = data.get(name)
  return typeof value === 'string' ? value.slice(0, 200) : ''
}
