import type { AllergyKey } from './catalogue/allergies.ts'
import type { ProblemKey } from './catalogue/conditions.ts'
import type { InsurerKey } from './catalogue/insurers.ts'

/** A patient of the demo clinic, before anything has happened to them. */
export type Person = {
  /** Name of the person in source files; never stored in the record. */
  key: string
  family: string
  given: readonly string[]
  prefix?: string
  nickname?: string
  gender: 'female' | 'male' | 'other'
  birthDate: string
  pronouns?: string
  genderIdentity?: string
  language?: string
  race: string
  ethnicity: string
  marital?: string
  deceasedDaysAgo?: number
  contact?: { name: string; relationship: string; phone: string }
  insurer: InsurerKey
  problems: readonly ProblemKey[]
  allergies: readonly AllergyKey[]
  /** The family doctor, where it matters who it is. */
  doctor?: 'ines-moreau' | 'priya-raman'
  visitsPerYear: number
  /** False for the one patient whom nobody treats. */
  treated: boolean
}
