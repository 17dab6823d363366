import 'server-only'

import { blindIndex } from '#lib/crypto/blind-index.ts'
import type { IndexKeys } from '#lib/crypto/index-keys.ts'
import { birthDateWithFamily, nameParts, normalise } from '#lib/crypto/normalise.ts'
import { searchIndexes } from './indexes.ts'

/** What a patient is looked for by; all terms must fit. A birth date is looked for together with the family name. */
export type SearchTerms = {
  familyName?: string | undefined
  givenName?: string | undefined
  /** `YYYY-MM-DD`, with familyName */
  birthDate?: string | undefined
  mrn?: string | undefined
  phone?: string | undefined
  email?: string | undefined
}

/** Tokens as audit.search takes them: column and token at the same place of both lists. */
export type SearchTokens = { readonly columns: string[]; readonly tokens: Uint8Array[] }

/** The keyed tokens of the terms: the values themselves never reach the database. Empty when nothing can be looked for. */
export function searchTokens(keys: IndexKeys, terms: SearchTerms): SearchTokens {
  const wanted = wantedTexts(terms).flatMap(([id, text]) => {
    const index = searchIndexes.find((each) => each.column.id === id)
    const token = index && blindIndex(keys, index.column, text)
    return token ? [{ id, token: token.bytes }] : []
  })
  return { columns: wanted.map(({ id }) => id), tokens: wanted.map(({ token }) => token) }
}

function wantedTexts({
  familyName,
  givenName,
  birthDate,
  mrn,
  phone,
  email,
}: SearchTerms): (readonly [string, string])[] {
  const parts = (id: string, name: string | undefined) =>
    nameParts(name ?? '').map((part) => [id, part] as const)
  const whole = (id: string, text: string | null | undefined) => (text ? [[id, text] as const] : [])
  return [
    ...parts('patient.family-name', familyName),
    ...parts('patient.given-name', givenName),
    ...whole('patient.birth-date-family', birthDateWithFamily(birthDate ?? '', familyName ?? '')),
    ...whole('patient.mrn', mrn),
    ...whole('patient-contact.phone', phone),
    ...whole('patient-contact.email', email),
  ]
}

/** Names of a patient as they came out of the record. */
export type FoundNames = { familyName: string; givenName: string | null; preferredName: string | null }

/**
 * Whether names really fit. Tokens of name parts are cut, so a search also finds a few whose names only share one.
 */
export function namesFit(terms: SearchTerms, found: FoundNames): boolean {
  const family = partsOf(found.familyName)
  const given = partsOf(`${found.givenName ?? ''} ${found.preferredName ?? ''}`)
  return (
    nameParts(terms.familyName ?? '').every((part) => family.has(part)) &&
    nameParts(terms.givenName ?? '').every((part) => given.has(part))
  )
}

function partsOf(name: string): Set<string | null> {
  return new Set(nameParts(name).map((part) => normalise('name-1', part)))
}
