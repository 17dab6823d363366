import { CryptoError } from './crypto-error.ts'
import { lengthPrefixed } from './length-prefixed.ts'

/** A value that survives JSON unchanged. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** What a cell may hold, by the name of its type. */
export type CellValues = {
  /** any well-formed Unicode text */
  string: string
  /** calendar day, `YYYY-MM-DD` */
  date: string
  /** instant, `YYYY-MM-DDTHH:mm:ss.sssZ` */
  timestamp: string
  /** safe integer */
  integer: number
  /** finite IEEE 754 double */
  number: number
  /** decimal text with its scale kept: `-12.50` */
  decimal: string
  boolean: boolean
  json: JsonValue
  bytes: Uint8Array
}
export type CellType = keyof CellValues
export type CellValue<T extends CellType = CellType> = CellValues[T]

/** Authenticated type codes, in the low four bits of a cell's first byte. Never renumber: old cells carry them. */
export const cellTypeCodes = {
  string: 1,
  date: 2,
  timestamp: 3,
  integer: 4,
  number: 5,
  decimal: 6,
  boolean: 7,
  json: 8,
  bytes: 9,
} as const satisfies Record<CellType, number>

/** Padding blocks, by the code in bits 4 and 5 of a cell's first byte. */
export const padBlocks = [0, 16, 32, 64] as const
export type PadBlock = (typeof padBlocks)[number]

/** A column that is kept encrypted, with everything about it that can be computed once. */
export type CellColumn<T extends CellType = CellType> = {
  /** stable name from the registry, such as `patient.family-name`; survives renames of table and column */
  readonly id: string
  readonly type: T
  readonly pad: PadBlock
  /** first byte of a cell sealed for this column */
  readonly typeByte: number
  /** the part of the associated data that is the same for every row: format and column */
  readonly aad: Buffer
}

/**
 * Declares an encrypted column. Do this once, when the registry is loaded, not per value.
 * `pad` rounds the plaintext's length up to a block, for columns whose length alone would tell (sex, status).
 * @throws CryptoError VALUE when the id is not of the form `model.column` in lower case
 */
export function cellColumn<T extends CellType>(id: string, type: T, pad: PadBlock = 0): CellColumn<T> {
  if (!/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/.test(id)) {
    throw new CryptoError('VALUE', 'cell-column', 'a column id reads like `patient.family-name`')
  }
  const typeByte = cellTypeCodes[type] | (padBlocks.indexOf(pad) << 4)
  return Object.freeze({ id, type, pad, typeByte, aad: lengthPrefixed('phi1', id) })
}
