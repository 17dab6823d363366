import { createHmac, type KeyObject } from 'node:crypto'

import type { CellColumn } from './cell-column.ts'
import { deriveKey } from './derive-key.ts'
import type { RowAddress } from './row-address.ts'
import type { SecretKey } from './secret-key.ts'

/** A digest in the trail: 12 bytes as base64url. */
export const cellDigestLength = 16

/** `phi1` with its length stands before the column's id in the associated data, and has no place in a digest. */
const formatPart = 8

/* Synchronous callers only, one thread each, and node:crypto copies what it is given: one buffer serves all. */
const scratch = Buffer.allocUnsafeSlow(8192)

/** The key of all digests of an installation. Derive it once for many cells: it costs more than a digest. */
export function cellDigestKey(identity: SecretKey): KeyObject {
  return deriveKey(identity, 'cell-digest')
}

/**
 * A keyed digest of a cell's ciphertext and its place. Associated data cannot tell yesterday's ciphertext of the same cell
 * from today's: whoever can write the table can put an old value back, and it opens. Kept with each change in the trail,
 * this digest tells a verifier which ciphertext the cell should hold now.
 *
 * HMAC-SHA-256 cut to 96 bits, which leaves a forger no better than guessing once in 2^96 (NIST SP 800-107 §5.3.3,
 * SP 800-224): the key is not in the database, so digests cannot be tried out there.
 * @param key from {@link cellDigestKey}
 * @returns 16 characters of base64url
 */
export function cellDigest(key: KeyObject, column: CellColumn, row: RowAddress, cell: string): string {
  const place = column.aad.length - formatPart
  const length = Buffer.byteLength(cell, 'utf8')
  const size = place + row.aad.length + 4 + length
  const message = size <= scratch.length ? scratch.subarray(0, size) : Buffer.allocUnsafe(size)
  // The same bytes as lengthPrefixed(column id, row id, owner id, cell), from parts that are already made.
  column.aad.copy(message, 0, formatPart)
  message.set(row.aad, place)
  const at = message.writeUInt32BE(length, place + row.aad.length)
  message.write(cell, at, 'utf8')
  return createHmac('sha256', key).update(message).digest('base64url').slice(0, cellDigestLength)
}
