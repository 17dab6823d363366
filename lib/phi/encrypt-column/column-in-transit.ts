import 'server-only'

import type { CellColumn, CellValue } from '#lib/crypto/cell-column.ts'

/** A plain column that is being encrypted: phi.begin_encrypting(table, column) was called for it. */
export type ColumnInTransit = {
  readonly model: string
  /** names in the database; the ciphertext lies in `<column>_sealed` */
  readonly table: string
  readonly column: string
  /** the field of the model, as the trail names it */
  readonly field: string
  /** as the field is declared in the registry from now on */
  readonly cell: CellColumn
}

/**
 * The value that a plain column's text stands for, as the cell's type has it.
 * @throws SyntaxError, RangeError for a text that is none; encodeValue refuses whatever else the type cannot carry
 */
export function valueOf({ cell }: ColumnInTransit, text: string): CellValue {
  switch (cell.type) {
    case 'integer':
    case 'number':
      return Number(text)
    case 'boolean':
      return text === 'true'
    case 'timestamp':
      return new Date(text).toISOString()
    case 'json':
      return JSON.parse(text) as CellValue
    case 'bytes':
      return Buffer.from(text.replace(/^\\x/, ''), 'hex')
    case 'string':
    case 'date':
    case 'decimal':
      return text
  }
}
