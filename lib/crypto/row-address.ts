import { CryptoError } from './crypto-error.ts'
import { lengthPrefixed } from './length-prefixed.ts'

/** The row a cell lives in, and whose keys protect it. */
export type RowAddress = {
  readonly rowId: string
  /** patient id, or `org:main` for secrets of the organisation */
  readonly ownerId: string
  /** the part of the associated data that is the same for every column of the row */
  readonly aad: Buffer
}

/** Longest id in bytes; keeps the associated data inside one small scratch buffer. */
export const longestId = 256

/**
 * Makes a row's address once, for all its cells. Both ids must come from the row itself (the query's
 * result, or the statement that writes it), never from a ciphertext.
 * @throws CryptoError VALUE when an id is empty or longer than 256 bytes
 */
export function rowAddress(rowId: string, ownerId: string): RowAddress {
  if (rowId === '' || ownerId === '' || rowId.length > longestId || ownerId.length > longestId) {
    throw new CryptoError('VALUE', 'row-address', 'row id and owner id have 1 to 256 characters')
  }
  if (!rowId.isWellFormed() || !ownerId.isWellFormed()) {
    // UTF-8 turns every lone surrogate into the same replacement character, so two ids could become one.
    throw new CryptoError('VALUE', 'row-address', 'row id and owner id are well-formed text')
  }
  return { rowId, ownerId, aad: lengthPrefixed(rowId, ownerId) }
}
