import { createHmac } from 'node:crypto'

import { CryptoError } from './crypto-error.ts'
import { deriveKey } from './derive-key.ts'
import { lengthPrefixed } from './length-prefixed.ts'
import { normalise, type Normalisation } from './normalise.ts'
import type { IndexKeys } from './index-keys.ts'

/** An index over an encrypted column, for exact search. */
export type IndexColumn = {
  /** stable name from the registry, such as `patient.mrn` */
  readonly id: string
  readonly rule: Normalisation
  /** length of a token: 128 for what is unique; fewer makes different values share tokens on purpose */
  readonly bits: number
  readonly organisation: string
}

/**
 * Declares an index. Cut tokens (`bits` < 128) need the caller to filter after decryption.
 * @throws CryptoError VALUE for a length outside 8 to 256 bits
 */
export function indexColumn(
  id: string,
  rule: Normalisation,
  { bits = 128, organisation = 'main' }: { bits?: number; organisation?: string } = {},
): IndexColumn {
  if (!Number.isInteger(bits) || bits < 8 || bits > 256) {
    throw new CryptoError('VALUE', id, 'a token has 8 to 256 bits')
  }
  return Object.freeze({ id, rule, bits, organisation })
}

/** What stands for a value in an index. */
export type IndexToken = {
  readonly version: number
  /** one byte key version, then the (cut) HMAC: a column of tokens tells by itself what a key change still has to do */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/**
 * The token that a value is looked up by: HMAC-SHA-256 (FIPS 198-1) under a key of this column and organisation alone. Equal
 * values of one column have equal tokens, nothing else does.
 * @returns null when nothing is left of the value after normalisation: then it cannot be looked up
 */
export function blindIndex(keys: IndexKeys, column: IndexColumn, value: string): IndexToken | null {
  const normal = normalise(column.rule, value)
  return normal === null ? null : token(keys, keys.active, column, 'bidx', normal)
}

/**
 * The tokens that are stored for a value, one for each live key version in ascending order; empty when nothing is left of
 * it after normalisation. While a key is replaced, whoever looks values up by either version finds them.
 */
export function blindIndexes(keys: IndexKeys, column: IndexColumn, value: string): IndexToken[] {
  const normal = normalise(column.rule, value)
  if (normal === null) return []
  return [...keys.roots.keys()].map((version) => token(keys, version, column, 'bidx', normal))
}

/**
 * The token that is stored for a code which is compared within one patient only (which results are of the same test):
 * salted with the patient, so that equal codes of two patients look unrelated and no code can be counted across the table.
 * It need not be unique, so one of the active version is enough; {@link codeTokensForSearch} looks for every live one.
 */
export function codeToken(
  keys: IndexKeys,
  column: IndexColumn,
  patientId: string,
  code: string,
): IndexToken | null {
  const normal = normalise(column.rule, code)
  return normal === null ? null : token(keys, keys.active, column, 'code', patientId, normal)
}

/** The code's tokens under every live key version, for searching. */
export function codeTokensForSearch(
  keys: IndexKeys,
  column: IndexColumn,
  patientId: string,
  code: string,
): IndexToken[] {
  const normal = normalise(column.rule, code)
  if (normal === null) return []
  return [...keys.roots.keys()].map((version) => token(keys, version, column, 'code', patientId, normal))
}

function token(
  keys: IndexKeys,
  version: number,
  column: IndexColumn,
  kind: 'bidx' | 'code',
  ...parts: readonly string[]
): IndexToken {
  const root = keys.roots.get(version)
  if (!root) throw new CryptoError('KEY_UNKNOWN', column.id, 'no such index key version')
  const key = deriveKey(root, kind, column.id, column.rule, column.organisation)
  const mac = createHmac('sha256', key)
    .update(lengthPrefixed(...parts))
    .digest()
  const length = Math.ceil(column.bits / 8)
  const bytes = new Uint8Array(1 + length)
  bytes[0] = version
  bytes.set(mac.subarray(0, length), 1)
  const spare = length * 8 - column.bits
  if (spare > 0) bytes[length] = (bytes[length] ?? 0) & (0xff << spare)
  return { version, bytes }
}
