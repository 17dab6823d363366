import type { IdentityView } from '#lib/records/shared/view.ts'

/** What somebody typed to find a patient; it is kept on the server and never stands in an address. */
export type PatientSearchForm = {
  familyName: string
  givenName: string
  /** The three fields of a birth date as they were typed. */
  birthMonth: string
  birthDay: string
  birthYear: string
  mrn: string
}

export type FoundPatientView = {
  patient: IdentityView
  ssnLastFour: string | null
  /** Another person of this list has the same name. */
  sharesName: boolean
}

export type PatientSearchView =
  | { kind: 'found'; patients: FoundPatientView[] }
  | { kind: 'too-many' }
  /** The kept search is gone, or was somebody else's. */
  | { kind: 'expired' }

export type FieldProblem = { field: string; message: string }
