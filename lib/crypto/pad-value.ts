import { cellTypeCodes, padBlocks, type CellColumn } from './cell-column.ts'
import { addPadding, removePadding } from './cell-padding.ts'
import { CryptoError } from './crypto-error.ts'

/** An authenticated byte for an empty value: padded to 16, so that its length does not give it away. */
const pad16 = 1 << 4

/** A value's bytes as a column has them sealed, and the type byte that says so. */
export function padValue(column: CellColumn, value: Buffer): { plain: Buffer; typeByte: number } {
  if (column.pad !== 0) return { plain: addPadding(value, column.pad), typeByte: column.typeByte }
  if (value.length === 0) return { plain: addPadding(value, 16), typeByte: column.typeByte | pad16 }
  return { plain: value, typeByte: column.typeByte }
}

/**
 * A value's bytes without their padding, which may be another than the column has today.
 * @throws CryptoError TYPE for a value of another type, which can never have been this column's
 */
export function unpadValue(column: CellColumn, typeByte: number, plain: Buffer): Buffer {
  if ((typeByte & 0x0f) !== cellTypeCodes[column.type] || typeByte > 0x3f) {
    throw new CryptoError('TYPE', column.id, 'sealed as another type')
  }
  const block = padBlocks[(typeByte >> 4) as 0 | 1 | 2 | 3]
  if (block === 0) return plain
  const value = removePadding(plain, block)
  if (!value) throw new CryptoError('TYPE', column.id, 'padding out of order')
  return value
}
