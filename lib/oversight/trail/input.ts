import { z } from 'zod'
import { now } from '#lib/clock.ts'
import { actions, purposes } from '#lib/policy/access.ts'
import { roles } from '#lib/policy/roles.ts'
import { views } from '#lib/policy/views.ts'
import { isScan, scanDays } from './is-scan.ts'
import { localInstants } from './local-instants.ts'
import { patientProblems } from './patient-problems.ts'
import type { TrailFormView, TrailProblem } from './view.ts'

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

/** Periods that end now, by their length in hours. */
export const trailPresets = { '24h': 24, '7d': 7 * 24, '31d': 31 * 24 } as const

export const trailOutcomes = ['ALLOWED', 'EFFECT', 'DENIED'] as const

/** What somebody typed: more than a name can have is cut, a file is nothing. */
const text = z
  .string()
  .catch('')
  .transform((typed) => typed.slice(0, 200).trim())
const id = z.union([z.literal(''), z.uuid()]).catch('')
/** One of a list, or with a minus in front all but that one. */
const oneOf = (values: readonly string[]) =>
  z.string().refine((value) => value === '' || values.includes(value.replace(/^-/, ''))).catch('') // prettier-ignore

const form = z.object({
  familyName: text,
  givenName: text,
  birthDate: text,
  mrn: text,
  period: z.union([z.literal(''), z.enum(['24h', '7d', '31d'])]).catch(''),
  from: text,
  to: text,
  zone: z.enum(trailZones).catch('America/Chicago'),
  actor: z.string().refine((value) => /^(-?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$/.test(value)).catch(''),
  role: oneOf(roles),
  action: oneOf(actions),
  outcome: oneOf(trailOutcomes),
  view: oneOf(Object.keys(views)),
  purpose: oneOf(purposes),
  field: z.union([z.literal(''), z.string().regex(/^[A-Za-z]{1,40}$/)]).catch(''),
  emergency: z.enum(['', 'yes']).catch(''),
  unexplained: z.enum(['', 'yes']).catch(''),
  address: text,
  session: id,
  request: id,
}) // prettier-ignore

export type TrailPeriod = { from: string; to: string }
export type TrailInput = { form: TrailFormView; period: TrailPeriod }

const dayMilliseconds = 86_400_000

/**
 * Reads the search form. A time that does not exist is refused with a sentence; one that came twice is searched in
 * both of its instants: the period begins at the earlier and ends after the later. Choices that are on no list are none.
 */
export function parseTrailForm(raw: Record<string, unknown>): {
  form: TrailFormView
  input: TrailInput | null
  problems: TrailProblem[]
} {
  const parsed = form.parse(raw)
  const { period, problems } = readPeriod(parsed)
  problems.push(...patientProblems(parsed))
  if (parsed.address !== '' && !/^[0-9a-fA-F:.]{3,45}(\/\d{1,3})?$/.test(parsed.address))
    problems.push({
      field: 'address',
      message: 'Enter an address such as 10.4.18.22, or a network such as 10.4.0.0/16',
    })
  if (problems.length > 0 || period === null) return { form: parsed, input: null, problems }
  return { form: parsed, input: { form: parsed, period }, problems }
}

function readPeriod(parsed: TrailFormView): { period: TrailPeriod | null; problems: TrailProblem[] } {
  if (parsed.period !== '') {
    const end = now().getTime()
    const hours = trailPresets[parsed.period]
    return { period: { from: iso(end - hours * 3_600_000), to: iso(end + 60_000) }, problems: [] }
  }
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
  if (from === null || to === null) return { period: null, problems }
  if (to < from) problems.push({ field: 'to', message: 'The end must be after the start' })
  else if (to - from > 366 * dayMilliseconds)
    problems.push({ field: 'to', message: 'Search at most one year at a time' })
  else if (to - from > scanDays * dayMilliseconds && isScan(parsed))
    problems.push({
      field: 'to',
      message: `Without a patient or a person, search at most ${scanDays} days at a time`,
    })
  // Half open: a search to 9:10 takes in the whole minute 9:10.
  return { period: { from: iso(from), to: iso(to + 60_000) }, problems }
}

const iso = (instant: number): string => new Date(instant).toISOString()
