'use server'

import { forbidden, redirect } from 'next/navigation'
import { requireActor } from '#lib/auth/require-actor.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { registerPatient } from '#lib/records/patients/register-patient.ts'
import type { FieldProblem, FoundPatientView } from '#lib/records/patients/view.ts'

export type RegisterState = {
  /** What was typed, to be shown again. */
  values: Record<string, string>
  problems: FieldProblem[]
  /** Patients with this name and birth date, to be looked at first. */
  similar: FoundPatientView[]
} | null

/** Registers a patient and opens the new chart. */
export async function registerPatientAction(_: RegisterState, data: FormData): Promise<RegisterState> {
  const actor = await requireActor('care')
  const values = Object.fromEntries(
    [...data].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
  const outcome = await registerPatient(actor, {
    ...values,
    birthMonth: values['birth-month'],
    birthDay: values['birth-day'],
    birthYear: values['birth-year'],
    confirmed: values['confirmed'] === 'yes' ? data.getAll('shown') : [],
  })
  switch (outcome.kind) {
    case 'problems':
      return { values, problems: outcome.problems, similar: [] }
    case 'similar':
      return { values, problems: [], similar: outcome.patients }
    case 'denied':
      return forbidden()
    case 'registered':
    case 'already-registered':
      redirect(withQuery(paths.chart(outcome.patientId), { done: outcome.kind }))
  }
}
