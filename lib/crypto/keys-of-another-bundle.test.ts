import { randomUUID } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { DataKey, DataKeys } from './data-keys.ts'
import { SecretKey } from './secret-key.ts'

// Next.js loads a module once per bundle: a page and a route of one process share the key store, but not the classes
// of what lies in it. If this failed, whatever came second could neither save nor read.
test('a key that another copy of this module made seals and opens', async () => {
  const owner = randomUUID()
  const key = new DataKey({ ownerId: owner, version: 1, state: 'active', key: SecretKey.random() })
  const keys = new DataKeys(owner, [key])

  vi.resetModules()
  const copies = {
    ...(await import('./data-keys.ts')),
    ...(await import('./secret-key.ts')),
    ...(await import('./seal-cell.ts')),
    ...(await import('./open-cell.ts')),
    ...(await import('./cell-column.ts')),
    ...(await import('./row-address.ts')),
  }
  expect(copies.DataKey).not.toBe(DataKey)

  const column = copies.cellColumn('note-version.body', 'string', 16)
  const row = copies.rowAddress(randomUUID(), owner)
  const cell = copies.sealCell(key as never, column, row, 'Feels well.')
  expect(copies.openCell(keys as never, column, row, cell)).toBe('Feels well.')
  expect(key.encryptions).toBe(1)
  expect(copies.keyObjectOf(SecretKey.random() as never).symmetricKeySize).toBe(32)
})
