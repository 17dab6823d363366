import { gcmSeal } from './aes-gcm.ts'
import { cellAad } from './cell-aad.ts'
import { formatCell, nonceLength, tagLength, typeLength } from './cell-format.ts'
import { encodeValue } from './cell-value.ts'
import { CryptoError } from './crypto-error.ts'
import { DataKey } from './data-keys.ts'
import { takeNonce } from './nonce-pool.ts'
import { padValue } from './pad-value.ts'
import type { CellColumn, CellType, CellValue } from './cell-column.ts'
import type { RowAddress } from './row-address.ts'

/**
 * Encrypts one value for one cell: AES-256-GCM with a random 96-bit nonce and a 128-bit tag (NIST SP 800-38D),
 * bound to format, column, row, owner, key version and type. Synchronous; the value is not kept.
 * NULL stays NULL and is not this function's business.
 * @returns the cell's text, `phi1.…`
 * @throws CryptoError VALUE, WRONG_OWNER, KEY_DISABLED, KEY_DESTROYED, KEY_PENDING, KEY_EXHAUSTED
 */
export function sealCell<T extends CellType>(
  key: DataKey,
  column: CellColumn<T>,
  row: RowAddress,
  value: CellValue<T>,
): string {
  if (key.ownerId !== row.ownerId) throw new CryptoError('WRONG_OWNER', column.id, 'the key of another owner')
  const { plain, typeByte } = padValue(column, encodeValue(column, value))
  const body = Buffer.allocUnsafe(typeLength + nonceLength + plain.length + tagLength)
  body[0] = typeByte
  takeNonce(body, typeLength)
  const aad = cellAad(column, row, key.version, typeByte)
  gcmSeal(DataKey.toSeal(key, column.id), body, typeLength, aad, plain)
  return formatCell(key.version, body)
}
