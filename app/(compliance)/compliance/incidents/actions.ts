'use server'

import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { stepUp } from '#lib/auth/step-up.ts'
import { reportIncident } from '#lib/oversight/incidents/report-incident.ts'
import { readIncidentInput, writeIncident } from '#lib/oversight/incidents/write-incident.ts'
import { paths, withQuery } from '#lib/paths.ts'

const text = (data: FormData, name: string, limit: number): string => {
  const value = data.get(name)
  return typeof value === 'string' ? value.slice(0, limit) : ''
}

export type ReportState = { errors: FieldError[]; accused: string; note: string }

/** Opens an incident by hand. */
export async function report(_: ReportState, data: FormData): Promise<ReportState> {
  const actor = await requireActor('compliance')
  const [accused, note] = [text(data, 'accused', 100), text(data, 'note', 10_000)]
  const opened = await reportIncident(actor, accused, note)
  if (opened.kind === 'refused')
    return { errors: [{ field: opened.field, message: opened.message }], accused, note }
  redirect(paths.complianceIncident(opened.incidentId))
}

export type WriteState = { errors: FieldError[]; values: Record<string, string>; asks: AskedFactors }

const fields = ['kind', 'note', 'nature', 'recipient', 'acquired', 'mitigated', 'outcome'] as const

/** Writes on in an incident; all but a note after a fresh one-time code. */
export async function write(before: WriteState, data: FormData): Promise<WriteState> {
  const actor = await requireActor('compliance')
  const values = Object.fromEntries(fields.map((name) => [name, text(data, name, 10_000)]))
  const failed = (errors: FieldError[], asks = before.asks): WriteState => ({
    errors,
    values,
    asks,
  })
  const incident = z.uuid().safeParse(data.get('incident'))
  const read = readIncidentInput(values)
  if (read.kind === 'problems') return failed(read.problems)
  if (!incident.success) return failed([{ field: '', message: 'There is no such incident.' }])
  const proven =
    read.input.kind === 'NOTE' ? ({ kind: 'fresh', actor } as const) : await stepUp(actor, data, 'code')
  if (proven.kind === 'refused') return failed([{ field: 'code', message: proven.message }], proven.asks)
  const refused = await writeIncident(proven.actor, incident.data, read.input)
  if (refused !== null) return failed([{ field: '', message: refused }], false)
  redirect(withQuery(paths.complianceIncident(incident.data), { done: read.input.kind }))
}
