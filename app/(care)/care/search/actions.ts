'use server'

import { redirect } from 'next/navigation'
import { requireActor } from '#lib/auth/require-actor.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { startPatientSearch } from '#lib/records/patients/start-patient-search.ts'
import type { FieldProblem, PatientSearchForm } from '#lib/records/patients/view.ts'

export type SearchState = { form: PatientSearchForm; problems: FieldProblem[] } | null

/** Takes the search form and answers with the address of its results, in which no word of it stands. */
export async function searchPatientsAction(_: SearchState, data: FormData): Promise<SearchState> {
  const actor = await requireActor('care')
  const text = (name: string) => {
    const value = data.get(name)
    return typeof value === 'string' ? value : ''
  }
  const started = await startPatientSearch(actor, {
    familyName: text('familyName'),
    givenName: text('givenName'),
    birthMonth: text('birth-month'),
    birthDay: text('birth-day'),
    birthYear: text('birth-year'),
    mrn: text('mrn'),
  })
  if (started.kind === 'problems') return { form: started.form, problems: started.problems }
  redirect(withQuery(paths.careSearch, { search: started.filterId }))
}
