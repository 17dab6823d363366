'use server'

import { redirect } from 'next/navigation'
import { requireActor } from '#lib/auth/require-actor.ts'
import { findLedgerPatient } from '#lib/oversight/disclosures/find-patient.ts'
import { finderInput } from '#lib/oversight/disclosures/input.ts'
import type { FoundPatientView } from '#lib/oversight/disclosures/view.ts'
import { paths } from '#lib/paths.ts'
import { problemsOf, textsOf, type FormState } from '../../opened.ts'

export type FindState = NonNullable<FormState> & { found: FoundPatientView[] }

/** Finds whose ledger to open; a single find is opened at once. */
export async function findPatientAction(_: FindState | null, data: FormData): Promise<FindState> {
  const actor = await requireActor('compliance')
  const values = textsOf(data)
  const parsed = finderInput.safeParse(values)
  const answer = (message: string): FindState => ({ values, problems: [{ field: '', message }], found: [] })
  if (!parsed.success) return { values, problems: [], ...problemsOf(values, parsed.error.issues), found: [] }
  const outcome = await findLedgerPatient(actor, parsed.data)
  if (outcome.kind === 'nothing-to-search') return answer('Enter a name, a birth date or an MRN')
  if (outcome.kind === 'too-many') return answer('Too many patients fit. Enter one thing more')
  if (outcome.kind === 'denied') return answer('Your session may not search for patients. Sign in again')
  const [only] = outcome.patients
  if (!only) return answer('Nobody fits. The name must be whole; check its spelling')
  if (outcome.patients.length === 1) redirect(paths.complianceLedger(only.patientId))
  return { values, problems: [], found: outcome.patients }
}
