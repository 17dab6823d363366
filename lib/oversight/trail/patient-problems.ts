import 'server-only'

import type { TrailFormView, TrailProblem } from './view.ts'

/** What keeps a form's patient from being looked for. */
export function patientProblems(
  form: Pick<TrailFormView, 'familyName' | 'givenName' | 'birthDate' | 'mrn'>,
): TrailProblem[] {
  const problems: TrailProblem[] = []
  const { familyName, givenName, birthDate, mrn } = form
  if (birthDate !== '' && !/^\d{4}-\d{2}-\d{2}$/.test(birthDate))
    problems.push({ field: 'birthDate', message: 'Enter the birth date as a date, or leave it empty' })
  if (mrn === '' && familyName !== '' && givenName === '' && birthDate === '')
    problems.push({
      field: 'givenName',
      message: 'Add the given name or the birth date: a family name alone finds too many people',
    })
  if (mrn === '' && familyName === '' && givenName !== '')
    problems.push({ field: 'familyName', message: 'Enter the family name too' })
  if (birthDate !== '' && familyName === '')
    problems.push({
      field: 'familyName',
      message: 'A birth date finds a patient only together with the family name',
    })
  return problems
}
