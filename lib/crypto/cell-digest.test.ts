import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { cellColumn } from './cell-column.ts'
import { cellDigest, cellDigestKey } from './cell-digest.ts'
import { lengthPrefixed } from './length-prefixed.ts'
import { rowAddress } from './row-address.ts'
import { SecretKey } from './secret-key.ts'

const key = cellDigestKey(SecretKey.random())
const id = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' })

test('a digest is HMAC-SHA-256 over column, row, owner and ciphertext, each with its length, cut to 12 bytes', () => {
  fc.assert(
    fc.property(id, id, fc.string({ unit: 'binary' }), (rowId, ownerId, cell) => {
      const message = lengthPrefixed('observation.value', rowId, ownerId, cell)
      const mac = createHmac('sha256', key).update(message).digest().subarray(0, 12).toString('base64url')
      const column = cellColumn('observation.value', 'string')
      expect(cellDigest(key, column, rowAddress(rowId, ownerId), cell)).toBe(mac)
    }),
  )
})

test('a long cell has one too, and every other cell another', () => {
  const row = rowAddress('row', 'owner')
  const column = cellColumn('document-reference.content', 'bytes')
  const long = `phi1.00000001.${'A'.repeat(1_000_000)}`
  const digests = [long, `${long.slice(0, -1)}B`, long.slice(0, -1), '', 'phi1.'].map((cell) =>
    cellDigest(key, column, row, cell),
  )
  expect(new Set(digests).size).toBe(digests.length)
  for (const digest of digests) expect(digest).toMatch(/^[A-Za-z0-9_-]{16}$/)
})
