import { expect, test } from 'vitest'
import { CellHistory } from './cell-history.ts'

const row = '11111111-1111-4111-8111-111111111111'
const column = 'patient.family-name'

/** What a history of digests says of a cell that holds the last of them, or another one. */
function judged(digests: readonly (string | null)[], holds: string | null): string | undefined {
  const history = new CellHistory(new Set([column]))
  digests.forEach((digest, at) => {
    history.add({ action: at === 0 ? 'CREATE' : 'UPDATE', cells: { [row]: { [column]: digest } } })
  })
  return history.judge(row, column, holds)
}

test('attack 09: an old ciphertext put back is found, also where its old digest was written with it', () => {
  expect(judged(['one', 'two'], 'one')).toBe('REPLAYED')
  expect(judged(['one', 'two', 'one'], 'one')).toBe('REPLAYED')
  expect(judged(['one', null, 'one'], 'one')).toBe('REPLAYED')
  expect(judged(['one', 'two', 'three', 'one'], 'one')).toBe('REPLAYED')
})

test('attack 09: control: honest changes are not', () => {
  expect(judged(['one'], 'one')).toBeUndefined()
  expect(judged(['one', 'two'], 'two')).toBeUndefined()
  expect(judged(['one', 'one'], 'one'), 'the same entry twice').toBeUndefined()
  expect(judged(['one', null, 'two'], 'two')).toBeUndefined()
  // Whoever changes the cell afterwards puts it right.
  expect(judged(['one', 'two', 'one', 'three'], 'three')).toBeUndefined()
  expect(judged(['one', null], null)).toBeUndefined()
  expect(judged(['one', 'two'], 'three')).toBe('ALTERED')
  expect(judged(['one'], null)).toBe('REMOVED')
})
