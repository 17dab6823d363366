import 'server-only'

import { formatName } from '#lib/format.ts'
import type { WhoseView } from './view.ts'

/** What a page of the record selects of the patient: the name alone. */
export const nameSelect = { id: true, familyName: true, givenName: true, preferredName: true } as const
/** Pages that can be printed also say the birth date, which tells two people of one name apart on paper. */
export const printedSelect = { ...nameSelect, birthDate: true } as const

/** The names that `nameSelect` reads, for the admission. */
export const nameFields = ['familyName', 'givenName', 'preferredName'] as const

type NameRow = {
  id: string
  familyName: string
  givenName: string | null
  preferredName: string | null
  birthDate?: string | null
}

/** Whose record it is, by the name the person uses. */
export function toWhose(row: NameRow): WhoseView {
  const name = formatName({ given: row.givenName, family: row.familyName, nameToUse: row.preferredName })
  const firstName = row.preferredName?.trim() || row.givenName?.trim() || name
  return { patientId: row.id, name, firstName, birthDate: row.birthDate ?? null }
}
