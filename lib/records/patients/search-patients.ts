import 'server-only'

import { openFilter } from '#lib/accounts/saved-filter.ts'
import type { SearchTerms } from '#lib/phi/search-terms.ts'
import type { SearchOutcome } from '#lib/phi/with-search.ts'
import { withSearch } from '#lib/phi/with-search.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { identitySelect, toIdentity } from '#lib/records/shared/identity.ts'
import { today } from '#lib/records/shared/today.ts'
import { patientSearchInput } from './input.ts'
import { emptyForm, patientSearchKind, toTerms } from './start-patient-search.ts'
import type { FoundPatientView, PatientSearchForm, PatientSearchView } from './view.ts'

const patientsMax = 20

/**
 * Answers a kept search. Every patient who is found, and only those the actor cares for can be, is written down before
 * being shown.
 */
export async function searchPatients(
  actor: Actor,
  filterId: string,
): Promise<{ form: PatientSearchForm; result: PatientSearchView }> {
  const form = await openFilter(actor, patientSearchKind, filterId, patientSearchInput)
  if (!form) return { form: emptyForm, result: { kind: 'expired' } }
  const outcome = await findPatients(actor, toTerms(form))
  if (outcome.kind === 'granted') return { form, result: { kind: 'found', patients: outcome.value } }
  if (outcome.kind === 'too-many') return { form, result: { kind: 'too-many' } }
  return { form, result: { kind: 'found', patients: [] } }
}

/** The actor's patients that fit exactly, by name. */
export function findPatients(actor: Actor, terms: SearchTerms): Promise<SearchOutcome<FoundPatientView[]>> {
  return withSearch(actor, { view: 'patient-search', terms }, async (record, found) => {
    const rows = await record.patient.findMany({
      where: { id: { in: found } },
      take: patientsMax,
      select: { ...identitySelect, ssnLastFour: true },
    })
    const day = today()
    const patients = rows
      .map((row) => ({ patient: toIdentity(row, day), ssnLastFour: row.ssnLastFour, name: fullName(row) }))
      .toSorted(
        (a, b) =>
          a.name.localeCompare(b.name) ||
          (a.patient.birthDate ?? '').localeCompare(b.patient.birthDate ?? ''),
      )
    return patients.map(({ patient, ssnLastFour, name }) => ({
      patient,
      ssnLastFour,
      sharesName: patients.some((other) => other.patient !== patient && other.name === name),
    }))
  })
}

/** Names as they are compared for the same-name alert: without case, accents do count. */
function fullName(row: { familyName: string; givenName: string | null }): string {
  return `${row.familyName} ${row.givenName ?? ''}`.trim().toLocaleLowerCase('en-US')
}
