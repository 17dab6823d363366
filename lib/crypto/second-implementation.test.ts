import { gcm } from '@noble/ciphers/aes.js'
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { blindIndex, indexColumn } from './blind-index.ts'
import { cellColumn } from './cell-column.ts'
import { DataKey, DataKeys } from './data-keys.ts'
import { indexKeys } from './index-keys.ts'
import { openCell } from './open-cell.ts'
import { rowAddress } from './row-address.ts'
import { sealCell } from './seal-cell.ts'
import { keyObjectOf, SecretKey } from './secret-key.ts'

/*
 * The format written down a second time, from its description alone and over another implementation of AES-GCM. If the
 * two ever differ, either the description is wrong or the code is; a restore in ten years has only the description.
 */
const part = (text: string) => {
  const bytes = new TextEncoder().encode(text)
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, bytes.length)
  return [...length, ...bytes]
}
const associated = (column: string, row: string, owner: string, version: number, type: number) => {
  const header = new Uint8Array(5)
  new DataView(header.buffer).setUint32(0, version)
  header[4] = type
  return Uint8Array.from([...part('phi1'), ...part(column), ...part(row), ...part(owner), ...header])
}

const ownerId = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa'
const rowId = '11111111-1111-4111-8111-111111111111'
const secret = SecretKey.random()
const raw = Uint8Array.from(keyObjectOf(secret).export())
const key = new DataKey({ ownerId, version: 0x1a2b, state: 'active', key: secret })
const keys = new DataKeys(ownerId, [key])
const row = rowAddress(rowId, ownerId)

test('what is sealed here opens with @noble/ciphers', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 100 }),
      fc.constantFrom(0, 16, 32, 64),
      (value, pad) => {
        const cell = sealCell(key, cellColumn('patient.family-name', 'string', pad), row, value)
        expect(cell.slice(0, 14)).toBe('phi1.00001a2b.')
        const body = Uint8Array.from(Buffer.from(cell.slice(14), 'base64url'))
        const type = body[0] ?? 0
        expect(type).toBe(1 + 16 * [0, 16, 32, 64].indexOf(pad))
        const aad = associated('patient.family-name', rowId, ownerId, 0x1a2b, type)
        const plain = gcm(raw, body.subarray(1, 13), aad).decrypt(body.subarray(13))
        const bytes = [...new TextEncoder().encode(value)]
        const zeros = pad === 0 ? [] : Array.from({ length: pad - 1 - (bytes.length % pad) }, () => 0)
        expect([...plain]).toEqual(pad === 0 ? bytes : [...bytes, 0x80, ...zeros])
      },
    ),
  )
})

test('what @noble/ciphers seals opens here', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 100 }),
      fc.uint8Array({ minLength: 12, maxLength: 12 }),
      (value, nonce) => {
        const aad = associated('patient.family-name', rowId, ownerId, 0x1a2b, 1)
        const sealed = gcm(raw, Uint8Array.from(nonce), aad).encrypt(new TextEncoder().encode(value))
        const cell = `phi1.00001a2b.${Buffer.concat([Buffer.of(1), nonce, sealed]).toString('base64url')}`
        expect(openCell(keys, cellColumn('patient.family-name', 'string'), row, cell)).toBe(value)
      },
    ),
  )
})

test('an index token is HMAC-SHA-256 under HKDF-SHA-256 of the root', () => {
  const token = blindIndex(
    indexKeys(3, new Map([[3, secret]])),
    indexColumn('patient.mrn', 'mrn-1'),
    'mrn-17',
  )
  const hmac = (by: Uint8Array, data: Uint8Array | number[]) =>
    createHmac('sha256', by).update(Uint8Array.from(data)).digest()
  // RFC 5869 with an empty salt and one block of output.
  const info = [...part('bidx'), ...part('patient.mrn'), ...part('mrn-1'), ...part('main')]
  const columnKey = hmac(hmac(new Uint8Array(32), raw), [...info, 1])
  expect(Buffer.from(token?.bytes ?? []).toString('hex')).toBe(
    `03${hmac(columnKey, part('MRN17')).toString('hex', 0, 16)}`,
  )
})
