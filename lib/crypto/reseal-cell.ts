import { gcmOpen, gcmSeal } from './aes-gcm.ts'
import { cellAad } from './cell-aad.ts'
import { cellTypeCodes, type CellColumn } from './cell-column.ts'
import { cellBody, cellVersion, formatCell, nonceLength, tagLength, typeLength } from './cell-format.ts'
import { CryptoError } from './crypto-error.ts'
import { DataKey, type DataKeys } from './data-keys.ts'
import { takeNonce } from './nonce-pool.ts'
import type { RowAddress } from './row-address.ts'

/**
 * Puts a cell under another version of its owner's key: the same bytes, padding and type byte included, under a fresh
 * nonce. What the value is, nobody has to know for that, so it is neither decoded nor made a string that stays in memory.
 * @param key the version to seal under, of the same owner
 * @returns the new text
 * @throws CryptoError whatever openCell and sealCell throw
 */
export function resealCell(
  keys: DataKeys,
  key: DataKey,
  column: CellColumn,
  row: RowAddress,
  text: string,
): string {
  if (keys.ownerId !== row.ownerId || key.ownerId !== row.ownerId)
    throw new CryptoError('WRONG_OWNER', column.id, 'the keys of another owner')
  const version = cellVersion(text, column.id)
  const former = cellBody(text, column.id)
  const opening = DataKey.toOpen(keys.version(version, column.id), column.id)
  const typeByte = former.bytes[0] ?? 0
  const plain = gcmOpen(
    opening,
    former.nonce,
    cellAad(column, row, version, typeByte),
    former.sealed,
    former.tag,
  )
  if (!plain) throw new CryptoError('NOT_AUTHENTIC', column.id, 'altered, moved, or sealed under another key')
  try {
    if ((typeByte & 0x0f) !== cellTypeCodes[column.type] || typeByte > 0x3f)
      throw new CryptoError('TYPE', column.id, 'sealed as another type')
    const body = Buffer.allocUnsafe(typeLength + nonceLength + plain.length + tagLength)
    body[0] = typeByte
    takeNonce(body, typeLength)
    gcmSeal(
      DataKey.toSeal(key, column.id),
      body,
      typeLength,
      cellAad(column, row, key.version, typeByte),
      plain,
    )
    return formatCell(key.version, body)
  } finally {
    plain.fill(0)
  }
}
