import 'server-only'

import {
  blindIndex,
  blindIndexForSearch,
  codeToken,
  codeTokensForSearch,
  indexColumn,
  type IndexColumn,
  type IndexToken,
} from '#lib/crypto/blind-index.ts'
import type { IndexKeys } from '#lib/crypto/index-keys.ts'
import { birthDateWithFamily, nameParts } from '#lib/crypto/normalise.ts'

/*
 * The blind indexes: which encrypted values can be found again, and by what. Nothing else of a record can be searched.
 * Whole tokens (128 bits) say only that two values are equal, and stand for values that nearly nobody shares. Parts
 * of names are shared by many, so their tokens are cut to 12 bits: several names have the same token, which blunts counting
 * them, and whoever searches filters again after decryption. docs/threat-model.md states what is left.
 */

/** Tokens in a column beside the value, for exact filters through Prisma. */
const columnIndexes: Readonly<Record<string, { column: IndexColumn; perPatient: boolean }>> = {
  'patient.mrn': { column: indexColumn('patient.mrn', 'mrn-1'), perPatient: false },
  'observation.code': { column: indexColumn('observation.code', 'exact-1'), perPatient: true },
}

/** The token that is stored beside a value. @param patient whose row it is */
export function storedToken(
  keys: IndexKeys,
  columnId: string,
  patient: string,
  value: string,
): Uint8Array<ArrayBuffer> | null {
  const index = indexOf(columnId)
  const token = index.perPatient
    ? codeToken(keys, index.column, patient, value)
    : blindIndex(keys, index.column, value)
  return token?.bytes ?? null
}

/** The tokens to look for, under every live key. @param patients whose rows may be found */
export function wantedTokens(
  keys: IndexKeys,
  columnId: string,
  patients: readonly string[],
  value: string,
): Uint8Array<ArrayBuffer>[] {
  const { column, perPatient } = indexOf(columnId)
  const tokens = perPatient
    ? patients.flatMap((patient) => codeTokensForSearch(keys, column, patient, value))
    : blindIndexForSearch(keys, column, value)
  return tokens.map((token) => token.bytes)
}

function indexOf(columnId: string) {
  const index = columnIndexes[columnId]
  if (!index) throw new Error(`${columnId} has a token column and no index`)
  return index
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

export type SearchIndex = {
  readonly column: IndexColumn
  readonly model: string
  /** the values that it is computed from; a change of any of them computes it again */
  readonly fields: readonly string[]
  readonly terms: (row: Readonly<Record<string, unknown>>) => readonly string[]
}

const bits = 12

/** Tokens in phi.search_token, by which audit.search finds patients before anything of them was read. */
export const searchIndexes: readonly SearchIndex[] = [
  {
    column: indexColumn('patient.family-name', 'name-1', { bits }),
    model: 'Patient',
    fields: ['familyName'],
    terms: (row) => nameParts(text(row['familyName'])),
  },
  {
    column: indexColumn('patient.given-name', 'name-1', { bits }),
    model: 'Patient',
    fields: ['givenName', 'preferredName'],
    terms: (row) => nameParts(`${text(row['givenName'])} ${text(row['preferredName'])}`),
  },
  {
    column: indexColumn('patient.birth-date-family', 'exact-1'),
    model: 'Patient',
    fields: ['birthDate', 'familyName'],
    terms: (row) => present(birthDateWithFamily(text(row['birthDate']), text(row['familyName']))),
  },
  {
    column: indexColumn('patient.mrn', 'mrn-1'),
    model: 'Patient',
    fields: ['mrn'],
    terms: (row) => present(text(row['mrn'])),
  },
  {
    column: indexColumn('patient-contact.phone', 'phone-1'),
    model: 'PatientContact',
    fields: ['kind', 'value'],
    terms: (row) =>
      /^(phone|mobile|fax|sms|pager)$/.test(text(row['kind'])) ? present(text(row['value'])) : [],
  },
  {
    column: indexColumn('patient-contact.email', 'email-1'),
    model: 'PatientContact',
    fields: ['kind', 'value'],
    terms: (row) => (text(row['kind']) === 'email' ? present(text(row['value'])) : []),
  },
]

/** Indexes that a change of these fields touches. */
export function indexesTouched(model: string, fields: Iterable<string>): SearchIndex[] {
  const changed = new Set(fields)
  return searchIndexes.filter(
    (index) => index.model === model && index.fields.some((field) => changed.has(field)),
  )
}

/** All tokens of a row for one index, under every live key version: while a key is replaced, both are written. */
export function tokensOf(
  keys: IndexKeys,
  index: SearchIndex,
  row: Readonly<Record<string, unknown>>,
): IndexToken[] {
  return index.terms(row).flatMap((term) => blindIndexForSearch(keys, index.column, term))
}

function present(value: string | null): string[] {
  return value === null || value === '' ? [] : [value]
}
