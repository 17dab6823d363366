import 'server-only'

import { today } from '#lib/records/shared/today.ts'
import { registerInput, type RegisterInput } from './input.ts'
import { birthDateOf } from './start-patient-search.ts'
import type { FieldProblem } from './view.ts'

/** A checked form with its birth date, or everything that is wrong with it, in the order of the page. */
export type Registration =
  | { kind: 'complete'; input: RegisterInput; birthDate: string }
  | { kind: 'problems'; problems: FieldProblem[] }

const order = ['givenName', 'familyName', 'preferredName', 'pronouns', 'birth', 'sex', 'mrn', 'ssn']

/** Reads the form for registering a patient as it was sent. */
export function readRegistration(sent: Readonly<Record<string, unknown>>): Registration {
  const parsed = registerInput.safeParse(sent)
  const text = (name: string): string => (typeof sent[name] === 'string' ? sent[name] : '')
  const birthDate = birthDateOf({
    birthMonth: text('birthMonth'),
    birthDay: text('birthDay'),
    birthYear: text('birthYear'),
  })
  const problems = [
    ...(parsed.success
      ? []
      : parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }))),
    ...birthProblems(birthDate),
  ]
  if (parsed.success && birthDate !== null && problems.length === 0)
    return { kind: 'complete', input: parsed.data, birthDate }
  return { kind: 'problems', problems: problems.toSorted((a, b) => place(a.field) - place(b.field)) }
}

function birthProblems(birthDate: string | null): FieldProblem[] {
  if (birthDate === null) {
    return [{ field: 'birth', message: 'Enter the birth date as three numbers, such as 4 2 1979' }]
  }
  if (birthDate > today()) return [{ field: 'birth', message: 'The birth date is in the future' }]
  if (birthDate < '1900-01-01') return [{ field: 'birth', message: 'Check the year of the birth date' }]
  return []
}

function place(field: string): number {
  const at = order.indexOf(field)
  return at === -1 ? order.length : at
}
