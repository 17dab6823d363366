import 'server-only'

import { findReferences } from '#lib/phi/with-search.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { TrailFormView } from './view.ts'

export type FoundPatients =
  | { kind: 'any' }
  | { kind: 'found'; patients: string[] }
  | { kind: 'too-many'; patients: [] }
  | { kind: 'denied' }

/**
 * The patients that a search of the trail names. Each find is a SEARCH row of that patient's trail; the officer sees
 * opaque references and no field of the record. `any` when the form names nobody.
 */
export async function findPatients(actor: Actor, form: TrailFormView): Promise<FoundPatients> {
  const terms = {
    ...(form.familyName === '' ? {} : { familyName: form.familyName }),
    ...(form.givenName === '' ? {} : { givenName: form.givenName }),
    ...(form.birthDate === '' ? {} : { birthDate: form.birthDate }),
    ...(form.mrn === '' ? {} : { mrn: form.mrn }),
  }
  if (Object.keys(terms).length === 0) return { kind: 'any' }
  const outcome = await findReferences(actor, { view: 'patient-picker', terms })
  if (outcome.kind === 'denied') return { kind: 'denied' }
  if (outcome.kind === 'too-many') return { kind: 'too-many', patients: [] }
  return { kind: 'found', patients: outcome.kind === 'granted' ? outcome.patients : [] }
}
