import 'server-only'

import { z } from 'zod'
import { exportFormats } from '#lib/audit/export/ask-export.ts'
import { clinic } from '#lib/clinic.ts'
import { localInstants } from '#lib/oversight/trail/local-instants.ts'
import type { ExportFormView } from './view.ts'

export type ExportProblem = { field: string; message: string }

export const reasonMax = 1000
const reasonMin = 15

const form = z.object({
  format: z.enum(exportFormats).catch('ndjson'),
  byteOrderMark: z.preprocess((value) => value === 'yes', z.boolean()),
  reason: z.string().trim().max(4000).default(''),
  from: z.string().trim().max(20).default(''),
  to: z.string().trim().max(20).default(''),
  search: z.union([z.literal(''), z.uuid()]).catch(''),
})

/** The form as it stands at first: the last month. `today` is a day in the clinic's zone. */
export const emptyExportForm = (search: string, monthAgo: string, today: string): ExportFormView => ({
  format: 'csv',
  byteOrderMark: false,
  reason: '',
  from: monthAgo,
  to: today,
  search,
})

const day = (text: string, daysLater: number): string | null => {
  const at = Date.parse(`${text}T00:00:00Z`)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(at)) return null
  return new Date(at + daysLater * 86_400_000).toISOString().slice(0, 10)
}

/** The first instant of a day in the clinic's zone. */
const startOf = (text: string, daysLater: number): string | null => {
  const named = day(text, daysLater)
  const instant = named === null ? undefined : localInstants(`${named}T00:00`, clinic.timeZone)?.[0]
  return instant === undefined ? null : new Date(instant).toISOString()
}

/** Reads the form. The period counts whole days of the clinic, the last one included; a kept search brings its own. */
export function parseExportForm(raw: Record<string, unknown>): {
  form: ExportFormView
  period: { from: string; to: string } | null
  problems: ExportProblem[]
} {
  const parsed = form.parse(raw)
  const problems: ExportProblem[] = []
  let period: { from: string; to: string } | null = null
  if (parsed.search === '') {
    const from = startOf(parsed.from, 0)
    const to = startOf(parsed.to, 1)
    if (from === null) problems.push({ field: 'from', message: 'Enter the first day as a date' })
    if (to === null) problems.push({ field: 'to', message: 'Enter the last day as a date' })
    if (from !== null && to !== null) {
      if (to <= from) problems.push({ field: 'to', message: 'The last day must not be before the first' })
      else if (Date.parse(to) - Date.parse(from) > 367 * 86_400_000)
        problems.push({ field: 'to', message: 'Export at most one year at a time' })
      else period = { from, to }
    }
  }
  if (parsed.reason.length < reasonMin)
    problems.push({ field: 'reason', message: `Say in at least ${reasonMin} characters what it is for` })
  if (parsed.reason.length > reasonMax)
    problems.push({ field: 'reason', message: `Shorten the reason to ${reasonMax} characters` })
  return { form: parsed, period, problems }
}
