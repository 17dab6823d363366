import { z } from 'zod'
import { actions } from '#lib/policy/access.ts'
import { views } from '#lib/policy/views.ts'
import { localInstants } from './local-instants.ts'
import type { TrailFormView } from './view.ts'

/** Zones that the form offers: the clinic's first, then those of the United States, then UTC. */
export const trailZones = [
  'America/Chicago',
  'America/New_York',
  'America/Denver',
  'America/Phoenix',
  'America/Los_Angeles',
  'America/Anchorage',
  'Pacific/Honolulu',
  'UTC',
] as const

const text = z.string().trim().max(200).default('')

const form = z.object({
  familyName: text,
  givenName: text,
  birthDate: text,
  mrn: text,
  from: text,
  to: text,
  zone: z.enum(trailZones).catch('America/Chicago'),
  actor: z.union([z.literal(''), z.uuid()]).catch(''),
  action: z.union([z.literal(''), z.enum(actions)]).catch(''),
  outcome: z.union([z.literal(''), z.enum(['ALLOWED', 'EFFECT', 'DENIED'])]).catch(''),
  view: z.union([z.literal(''), z.enum(Object.keys(views) as [string, ...string[]])]).catch(''),
  field: z.union([z.literal(''), z.string().regex(/^[A-Za-z]{1,40}$/)]).catch(''),
  address: text,
})

export type TrailPeriod = { from: string; to: string }
export type TrailInput = { form: TrailFormView; period: TrailPeriod }
export type TrailProblem = { field: string; message: string }

/**
 * Reads the search form. A time that does not exist is refused with a sentence; one that came twice is searched in
 * both of its instants: the period begins at the earlier and ends after the later.
 */
export function parseTrailForm(raw: Record<string, unknown>): {
  form: TrailFormView
  input: TrailInput | null
  problems: TrailProblem[]
} {
  const parsed = form.parse(raw)
  const problems: TrailProblem[] = []
  const instant = (field: 'from' | 'to', label: string): number | null => {
    const found = localInstants(parsed[field], parsed.zone)
    if (found === null) problems.push({ field, message: `Enter the ${label} as a date and a time` })
    else if (found.length === 0)
      problems.push({
        field,
        message: `The ${label} does not exist in this time zone: the clocks went forward over it. Choose another time`,
      })
    else return (field === 'from' ? found[0] : found.at(-1)) ?? null
    return null
  }
  const from = instant('from', 'start')
  const to = instant('to', 'end')
  if (from !== null && to !== null) {
    if (to < from) problems.push({ field: 'to', message: 'The end must be after the start' })
    else if (to - from > 366 * 86_400_000)
      problems.push({ field: 'to', message: 'Search at most one year at a time' })
  }
  if (parsed.birthDate !== '' && !/^\d{4}-\d{2}-\d{2}$/.test(parsed.birthDate))
    problems.push({ field: 'birthDate', message: 'Enter the birth date as a date, or leave it empty' })
  if (parsed.mrn === '' && parsed.familyName !== '' && parsed.givenName === '' && parsed.birthDate === '')
    problems.push({
      field: 'givenName',
      message: 'Add the given name or the birth date: a family name alone finds too many people',
    })
  if (parsed.mrn === '' && parsed.familyName === '' && parsed.givenName !== '')
    problems.push({ field: 'familyName', message: 'Enter the family name too' })
  if (parsed.birthDate !== '' && parsed.familyName === '')
    problems.push({
      field: 'familyName',
      message: 'A birth date finds a patient only together with the family name',
    })
  if (parsed.address !== '' && !/^[0-9a-fA-F:.]{3,45}(\/\d{1,3})?$/.test(parsed.address))
    problems.push({
      field: 'address',
      message: 'Enter an address such as 10.4.18.22, or a network such as 10.4.0.0/16',
    })
  if (problems.length > 0 || from === null || to === null) return { form: parsed, input: null, problems }
  // Half open: a search to 9:10 takes in the whole minute 9:10.
  return {
    form: parsed,
    input: {
      form: parsed,
      period: { from: new Date(from).toISOString(), to: new Date(to + 60_000).toISOString() },
    },
    problems,
  }
}
