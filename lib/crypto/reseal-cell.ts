import { gcmOpen, gcmSeal } from './aes-gcm.ts'
import { cellAad } from './cell-aad.ts'
import type { CellColumn } from './cell-column.ts'
import { cellBody, cellVersion, formatCell, nonceLength, tagLength, typeLength } from './cell-format.ts'
import { CryptoError } from './crypto-error.ts'
import { DataKey, type DataKeys } from './data-keys.ts'
import { takeNonce } from './nonce-pool.ts'
import { padValue, unpadValue } from './pad-value.ts'
import type { RowAddress } from './row-address.ts'

/**
 * Puts a cell under another version of its owner's key: the same value under a fresh nonce, padded as its column is
 * today. What the value is, nobody has to know for that, so it is neither decoded nor made a string that stays in memory.
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
  const formerType = former.bytes[0] ?? 0
  const aad = cellAad(column, row, version, formerType)
  const opened = gcmOpen(opening, former.nonce, aad, former.sealed, former.tag)
  if (!opened)
    throw new CryptoError('NOT_AUTHENTIC', column.id, 'altered, moved, or sealed under another key')
  let padded: Buffer | undefined
  try {
    const { plain, typeByte } = padValue(column, unpadValue(column, formerType, opened))
    padded = plain
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
    opened.fill(0)
    padded?.fill(0)
  }
}
