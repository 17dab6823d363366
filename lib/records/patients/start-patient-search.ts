import 'server-only'

import { saveFilter } from '#lib/accounts/saved-filter.ts'
import { dateFromParts } from '#lib/format.ts'
import type { SearchTerms } from '#lib/phi/search-terms.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { patientSearchInput } from './input.ts'
import type { FieldProblem, PatientSearchForm } from './view.ts'

export const patientSearchKind = 'patient-search'

export type StartedSearch =
  | { kind: 'started'; filterId: string }
  | { kind: 'problems'; problems: FieldProblem[]; form: PatientSearchForm }

/** Checks a search form and keeps it on the server; the address gets an opaque id (ASVS 5.0 14.2.1). */
export async function startPatientSearch(actor: Actor, sent: unknown): Promise<StartedSearch> {
  const parsed = patientSearchInput.safeParse(sent)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }))
    return { kind: 'problems', problems, form: patientSearchInput.catch(emptyForm).parse({}) }
  }
  const form = parsed.data
  const problems = findProblems(form)
  if (problems.length > 0) return { kind: 'problems', problems, form }
  return { kind: 'started', filterId: await saveFilter(actor, patientSearchKind, form) }
}

export const emptyForm: PatientSearchForm = {
  familyName: '',
  givenName: '',
  birthMonth: '',
  birthDay: '',
  birthYear: '',
  mrn: '',
}

/** A search needs the family name or the record number: a given name alone fits half of the clinic. */
function findProblems(form: PatientSearchForm): FieldProblem[] {
  const problems: FieldProblem[] = []
  if (form.familyName === '' && form.mrn === '') {
    problems.push({ field: 'familyName', message: 'Enter the family name or the MRN' })
  }
  const typed = form.birthMonth + form.birthDay + form.birthYear
  if (typed !== '' && birthDateOf(form) === null) {
    problems.push({ field: 'birth', message: 'Enter the birth date as three numbers, such as 4 2 1979' })
  }
  return problems
}

/** The birth date of a form as `YYYY-MM-DD`, or null when it is none. */
export function birthDateOf(
  form: Pick<PatientSearchForm, 'birthMonth' | 'birthDay' | 'birthYear'>,
): string | null {
  return dateFromParts({ year: form.birthYear, month: form.birthMonth, day: form.birthDay })
}

/** The exact terms that a form stands for. */
export function toTerms(form: PatientSearchForm): SearchTerms {
  return {
    familyName: form.familyName || undefined,
    givenName: form.givenName || undefined,
    birthDate: birthDateOf(form) ?? undefined,
    mrn: form.mrn || undefined,
  }
}
