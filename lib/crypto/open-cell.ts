import { gcmOpen } from './aes-gcm.ts'
import { cellAad } from './cell-aad.ts'
import type { CellColumn, CellType, CellValue } from './cell-column.ts'
import { cellBody, cellVersion } from './cell-format.ts'
import { decodeValue } from './cell-value.ts'
import { CryptoError } from './crypto-error.ts'
import { DataKey, type DataKeys } from './data-keys.ts'
import { unpadValue } from './pad-value.ts'
import type { RowAddress } from './row-address.ts'

/**
 * Decrypts one cell, or throws: there is no lenient mode, no trial of other keys, and never a partial value.
 * `row` must come from the row the text was read from; a text moved from another row, column or owner
 * does not open.
 * @throws CryptoError FORMAT, NOT_AUTHENTIC, TYPE, WRONG_OWNER, KEY_UNKNOWN, KEY_DISABLED, KEY_DESTROYED
 */
export function openCell<T extends CellType>(
  keys: DataKeys,
  column: CellColumn<T>,
  row: RowAddress,
  text: string,
): CellValue<T> {
  if (keys.ownerId !== row.ownerId)
    throw new CryptoError('WRONG_OWNER', column.id, 'the keys of another owner')
  const version = cellVersion(text, column.id)
  const body = cellBody(text, column.id)
  const key = DataKey.toOpen(keys.version(version, column.id), column.id)
  const typeByte = body.bytes[0] ?? 0
  const plain = gcmOpen(key, body.nonce, cellAad(column, row, version, typeByte), body.sealed, body.tag)
  if (!plain) throw new CryptoError('NOT_AUTHENTIC', column.id, 'altered, moved, or sealed under another key')
  return decodeValue(column, unpadValue(column, typeByte, plain))
}
