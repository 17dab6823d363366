import 'server-only'

import { formatAge, formatName, localDay } from '#lib/format.ts'
import type { IdentityView } from './view.ts'

/** The fields of a patient that say who it is; every care view declares them. */
export const identitySelect = {
  id: true,
  familyName: true,
  givenName: true,
  preferredName: true,
  birthDate: true,
  sex: true,
  pronouns: true,
  mrn: true,
  deceasedAt: true,
} as const

/** The same as names of fields, for an admission that asks for fewer than its view declares. */
export const identityFields: readonly string[] = Object.keys(identitySelect).filter((field) => field !== 'id')

export type IdentityRow = {
  id: string
  familyName: string
  givenName: string | null
  preferredName: string | null
  birthDate: string | null
  sex: string | null
  pronouns: string | null
  mrn: string | null
  deceasedAt: string | null
}

/**
 * Who the patient is, in the words of a chart. The age is written in full: a chart is for treatment, where 92 is not
 * 90 or over.
 * @param today `YYYY-MM-DD` in the clinic's zone
 */
export function toIdentity(row: IdentityRow, today: string): IdentityView {
  const displayName = formatName({
    given: row.givenName,
    family: row.familyName,
    nameToUse: row.preferredName,
  })
  const legalName = formatName({ given: row.givenName, family: row.familyName })
  const deceasedOn = dayOfDeath(row.deceasedAt)
  return {
    patientId: row.id,
    displayName,
    legalName: legalName === displayName ? null : legalName,
    pronouns: row.pronouns,
    birthDate: row.birthDate,
    age: row.birthDate === null ? null : formatAge(row.birthDate, deceasedOn || today),
    sex: row.sex,
    mrn: row.mrn,
    deceasedOn,
  }
}

/** `deceasedAt` holds an instant, a day, a year or `true`; only a whole day can be counted with. */
function dayOfDeath(deceasedAt: string | null): string | null {
  if (deceasedAt === null || deceasedAt === '' || deceasedAt === 'false') return null
  if (/^\d{4}-\d{2}-\d{2}$/.test(deceasedAt)) return deceasedAt
  return /^\d{4}-\d{2}-\d{2}T/.test(deceasedAt) ? localDay(deceasedAt) : ''
}
