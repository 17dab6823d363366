import { expect, test } from 'vitest'

import { cellColumn, padBlocks, type CellColumn } from './cell-column.ts'
import { DataKey, DataKeys } from './data-keys.ts'
import { openCell } from './open-cell.ts'
import { resealCell } from './reseal-cell.ts'
import { rowAddress } from './row-address.ts'
import { sealCell } from './seal-cell.ts'
import { SecretKey } from './secret-key.ts'

const ownerId = 'patient-1'
const row = rowAddress('row-1', ownerId)
const next = new DataKey({ ownerId, version: 2, state: 'active', key: SecretKey.random() })
const one = SecretKey.random()
const before = new DataKey({ ownerId, version: 1, state: 'active', key: one })
const both = new DataKeys(ownerId, [
  new DataKey({ ownerId, version: 1, state: 'decrypt_only', key: one }),
  next,
])

const pads = padBlocks.flatMap((from) => padBlocks.map((to) => [from, to] as const))

test.each(pads)('a cell padded to %i is padded to %i afterwards, as the column is now', (from, to) => {
  for (const value of ['', 'female', 'a text of more than sixteen bytes', 'x'.repeat(64)]) {
    const cell = sealCell(before, cellColumn('patient.sex', 'string', from), row, value)
    const column = cellColumn('patient.sex', 'string', to)
    const resealed = resealCell(both, next, column, row, cell)
    expect(openCell(both, column, row, resealed)).toBe(value)
    // As long as one that is sealed anew: what went into it before does not show.
    expect(resealed).toHaveLength(sealCell(next, column, row, value).length)
  }
})

test('attack 54: cells of a padded column are of one length, whatever they were padded to before', () => {
  const column = cellColumn('patient.sex', 'string', 16)
  const lengths = (cells: string[]) => new Set(cells.map((cell) => cell.length)).size
  const values = ['male', 'female', 'other', 'unknown', '']
  const plainly = values.map((value) => sealCell(before, cellColumn('patient.sex', 'string'), row, value))
  expect(lengths(plainly), 'control: their lengths tell values apart').toBeGreaterThan(2)
  expect(lengths(plainly.map((cell) => resealCell(both, next, column, row, cell)))).toBe(1)
})

test('a cell of another type, another row or another owner is not put under a new key', () => {
  const column: CellColumn = cellColumn('patient.birth-date', 'date')
  const cell = sealCell(before, column, row, '2000-01-01')
  const reseal =
    (of: CellColumn, place = row) =>
    () =>
      resealCell(both, next, of, place, cell)
  expect(reseal(cellColumn('patient.birth-date', 'string'))).toThrow(
    expect.objectContaining({ code: 'TYPE' }),
  )
  expect(reseal(column, rowAddress('row-2', ownerId))).toThrow(
    expect.objectContaining({ code: 'NOT_AUTHENTIC' }),
  )
  expect(reseal(column, rowAddress('row-1', 'patient-2'))).toThrow(
    expect.objectContaining({ code: 'WRONG_OWNER' }),
  )
  expect(openCell(both, column, row, reseal(column)())).toBe('2000-01-01')
})
