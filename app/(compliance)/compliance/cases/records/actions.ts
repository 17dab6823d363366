'use server'

import { redirect } from 'next/navigation'
import type { FieldError } from '#components/ui/field-error.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { endMark, markRecord } from '#lib/oversight/watching/mark-record.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type MarkFormState = { errors: FieldError[]; values: Record<string, string> }

const fields = ['kind', 'account', 'familyName', 'givenName', 'birthDate', 'mrn']

/** Marks a record as a colleague's own, or as confidential. */
export async function markRecordAction(_: MarkFormState, data: FormData): Promise<MarkFormState> {
  const actor = await requireActor('compliance')
  const values = Object.fromEntries(fields.map((name) => [name, text(data, name)]))
  const errors = await markRecord(actor, values)
  if (errors.length > 0) return { errors, values }
  redirect(withQuery(paths.complianceWatchedRecords, { done: 'marked' }))
}

/** Ends a mark. */
export async function endMarkAction(data: FormData): Promise<void> {
  const actor = await requireActor('compliance')
  const refusal = await endMark(actor, text(data, 'mark'))
  redirect(withQuery(paths.complianceWatchedRecords, { done: refusal === null ? 'ended' : 'refused' }))
}

function text(data: FormData, name: string): string {
  const value = data.get(name)
  return typeof value === 'string' ? value.slice(0, 200) : ''
}
