import 'server-only'

import { saveFilter } from '#lib/accounts/saved-filter.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { TrailFilter } from './criteria.ts'
import { findPatients } from './find-patients.ts'
import { parseTrailForm } from './input.ts'
import type { TrailFormView, TrailProblem } from './view.ts'

export type StartedSearch =
  { kind: 'problems'; form: TrailFormView; problems: TrailProblem[] } | { kind: 'started'; filterId: string }

/**
 * Turns a filled-in form into a kept search: finds the patients that it names (each find is a SEARCH row of the
 * patient's trail) and seals the whole on the server, so that the address carries an opaque id alone.
 */
export async function startTrailSearch(actor: Actor, raw: Record<string, unknown>): Promise<StartedSearch> {
  const understood = await understandSearch(actor, raw)
  if (understood.kind === 'problems') return understood
  return { kind: 'started', filterId: await saveFilter(actor, 'trail', understood.filter) }
}

/** What a filled-in form asks for, without keeping it. */
export async function understandSearch(
  actor: Actor,
  raw: Record<string, unknown>,
): Promise<
  | { kind: 'problems'; form: TrailFormView; problems: TrailProblem[] }
  | { kind: 'understood'; filter: TrailFilter }
> {
  const { form, input, problems } = parseTrailForm(raw)
  if (!input) return { kind: 'problems', form, problems }
  const found = await findPatients(actor, form)
  if (found.kind === 'denied')
    return {
      kind: 'problems',
      form,
      problems: [{ field: '', message: 'Your session may not search for patients. Sign in again.' }],
    }
  return {
    kind: 'understood',
    filter: {
      form: { ...form },
      ...input.period,
      patients: found.kind === 'any' ? null : found.patients,
      tooMany: found.kind === 'too-many',
    },
  }
}
