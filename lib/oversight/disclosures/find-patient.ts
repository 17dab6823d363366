import 'server-only'

import type { z } from 'zod'
import { patientReferences } from '#lib/phi/patient-reference.ts'
import { findReferences } from '#lib/phi/with-search.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { finderInput } from './input.ts'
import type { FoundPatientView } from './view.ts'

export type FindOutcome =
  | { kind: 'found'; patients: FoundPatientView[] }
  | { kind: 'too-many' }
  | { kind: 'nothing-to-search' }
  | { kind: 'denied' }

/** Whose ledger to open. Each find is a SEARCH row of that patient's trail; the officer sees references and no field. */
export async function findLedgerPatient(
  actor: Actor,
  terms: z.infer<typeof finderInput>,
): Promise<FindOutcome> {
  const given = Object.fromEntries(Object.entries(terms).filter(([, text]) => text !== ''))
  if (Object.keys(given).length === 0) return { kind: 'nothing-to-search' }
  const outcome = await findReferences(actor, { view: 'patient-picker', terms: given })
  if (outcome.kind !== 'granted') return { kind: outcome.kind }
  const references = await patientReferences(outcome.patients)
  return {
    kind: 'found',
    patients: outcome.patients.map((patientId) => ({
      patientId,
      reference: references.get(patientId) ?? '',
    })),
  }
}
