import 'server-only'

import type { TrailFormView } from './view.ts'

/** Longest period in days for what no index finds: seconds, not minutes, at ten million entries (bench/trail.ts). */
export const scanDays = 31

const indexed = ['familyName', 'mrn', 'request'] as const
const others = [
  'actor', 'role', 'action', 'outcome', 'view', 'purpose', 'field', 'address', 'session', 'unexplained',
] as const // prettier-ignore

/**
 * Whether the trail has to be read row by row to answer: some criterion beside the period, and none that has an index
 * (a patient, a person, a request, refused attempts, emergency access). The database draws the same line: audit.trail_is_scan.
 */
export function isScan(form: TrailFormView): boolean {
  const isIndexed =
    indexed.some((name) => form[name] !== '') ||
    (form.actor !== '' && !form.actor.startsWith('-')) ||
    form.outcome === 'DENIED' ||
    form.emergency !== ''
  return !isIndexed && others.some((name) => form[name] !== '')
}
