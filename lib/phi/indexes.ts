import 'server-only'

import {
  blindIndex,
  blindIndexes,
  codeToken,
  codeTokensForSearch,
  indexColumn,
  type IndexColumn,
  type IndexToken,
} from '#lib/crypto/blind-index.ts'
import { parityOf, type IndexKeys } from '#lib/crypto/index-keys.ts'
import { birthDateWithFamily, nameParts } from '#lib/crypto/normalise.ts'

/*
 * The blind indexes: which encrypted values can be found again, and by what. Nothing else of a record can be searched.
 * Whole tokens (128 bits) say only that two values are equal, and stand for values that nearly nobody shares. Parts
 * of names are shared by many, so their tokens are cut to 12 bits: several names have the same token, which blunts counting
 * them, and whoever searches filters again after decryption. docs/threat-model.md states what is left.
 */

/**
 * Tokens in columns beside the value, for exact filters through Prisma. A value that nobody else may have has two columns, one
 * for odd and one for even key versions: while a key is replaced, tokens of both versions are kept unique, so that a process that
 * still knows the former one alone is refused a duplicate too. A code has one, because nothing about it is unique.
 */
const columnIndexes: Readonly<Record<string, { column: IndexColumn; perPatient: boolean }>> = {
  'patient.mrn': { column: indexColumn('patient.mrn', 'mrn-1'), perPatient: false },
  'observation.code': { column: indexColumn('observation.code', 'exact-1'), perPatient: true },
}

type Token = Uint8Array<ArrayBuffer>

/**
 * What is stored beside a value, for each of its token columns in the order of the registry. A column whose version is not
 * live gets null: no token may outlast its value, also not one that this process cannot make.
 * @param patient whose row it is
 */
export function storedTokens(
  keys: IndexKeys,
  columnId: string,
  patient: string,
  value: string,
): readonly (Token | null)[] {
  const { column, perPatient } = indexOf(columnId)
  if (perPatient) return [codeToken(keys, column, patient, value)?.bytes ?? null]
  const tokens = blindIndexes(keys, column, value)
  const of = (parity: 'odd' | 'even') =>
    tokens.find((token) => parityOf(token.version) === parity)?.bytes ?? null
  return [of('odd'), of('even')]
}

/**
 * Which of a value's token columns is asked, and for which tokens: the one of the version that is sure to be complete.
 * @param patients whose rows may be found
 */
export function wantedTokens(
  keys: IndexKeys,
  columnId: string,
  patients: readonly string[],
  values: readonly string[],
): { place: number; tokens: Token[] } {
  const { column, perPatient } = indexOf(columnId)
  if (perPatient) {
    const tokens = patients.flatMap((patient) =>
      values.flatMap((value) => codeTokensForSearch(keys, column, patient, value)),
    )
    return { place: 0, tokens: tokens.map((token) => token.bytes) }
  }
  const tokens = values.flatMap((value) => blindIndex(keys, column, value) ?? [])
  return { place: parityOf(keys.active) === 'odd' ? 0 : 1, tokens: tokens.map((token) => token.bytes) }
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

/** All tokens of a row for one index, under every live key version: while a key is replaced, both are stored. */
export function tokensOf(
  keys: IndexKeys,
  index: SearchIndex,
  row: Readonly<Record<string, unknown>>,
): IndexToken[] {
  return index.terms(row).flatMap((term) => blindIndexes(keys, index.column, term))
}

function present(value: string | null): string[] {
  return value === null || value === '' ? [] : [value]
}
