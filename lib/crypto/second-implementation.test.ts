import { gcm } from '@noble/ciphers/aes.js'
import { createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { blindIndex, indexColumn } from './blind-index.ts'
import { cellColumn, padBlocks, type CellType, type CellValue } from './cell-column.ts'
import { CryptoError } from './crypto-error.ts'
import { DataKey, DataKeys } from './data-keys.ts'
import { indexKeys } from './index-keys.ts'
import type { KeyContext } from './key-context.ts'
import { openCell } from './open-cell.ts'
import { rowAddress } from './row-address.ts'
import { sealCell } from './seal-cell.ts'
import { keyObjectOf, SecretKey } from './secret-key.ts'
import { unwrapKey } from './unwrap-key.ts'
import { wrapKey } from './wrap-key.ts'

/*
 * The formats written down a second time, from their description alone and over another implementation of AES-GCM. If the
 * two ever differ, either the description is wrong or the code is; a restore in ten years has only the description.
 */
const part = (text: string) => {
  const bytes = new TextEncoder().encode(text)
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, bytes.length)
  return [...length, ...bytes]
}

/** The type byte's low bits, and how a value of the type is spelled. */
const described: { [T in CellType]: { code: number; spell: (value: CellValue<T>) => Uint8Array | string } } =
  {
    string: { code: 1, spell: (value) => value },
    date: { code: 2, spell: (value) => value },
    timestamp: { code: 3, spell: (value) => value },
    integer: { code: 4, spell: (value) => `${value}` },
    number: { code: 5, spell: (value) => (Object.is(value, -0) ? '-0' : `${value}`) },
    decimal: { code: 6, spell: (value) => value },
    boolean: { code: 7, spell: (value) => (value ? '1' : '0') },
    json: { code: 8, spell: (value) => JSON.stringify(value) },
    bytes: { code: 9, spell: (value) => value },
  }

const instant = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
const values: { [T in CellType]: fc.Arbitrary<CellValue<T>> } = {
  string: fc.string({ unit: 'binary', maxLength: 100 }),
  date: instant.map((day) => day.toISOString().slice(0, 10)),
  timestamp: instant.map((time) => time.toISOString()),
  integer: fc.maxSafeInteger(),
  number: fc.double({ noNaN: true, noDefaultInfinity: true }),
  decimal: fc.tuple(fc.integer(), fc.nat()).map(([whole, fraction]) => `${whole}.${fraction}`),
  boolean: fc.boolean(),
  json: fc.dictionary(fc.constantFrom('a', 'ü', 'code'), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
  bytes: fc.uint8Array({ maxLength: 100 }).map((bytes) => Uint8Array.from(bytes)),
}
const types = Object.keys(values) as CellType[]

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/)
const places = fc.record({
  column: fc.tuple(name, name).map((names) => names.join('.')),
  rowId: fc.oneof(fc.uuid(), fc.string({ unit: 'binary', minLength: 1, maxLength: 60 })),
  ownerId: fc.oneof(fc.uuid(), fc.constant('org:main')),
  version: fc.integer({ min: 1, max: 0xffffffff }),
  pad: fc.constantFrom(...padBlocks),
})
type Place = typeof places extends fc.Arbitrary<infer P> ? P : never

function associated({ column, rowId, ownerId, version }: Place, typeByte: number): Uint8Array {
  const header = new Uint8Array(5)
  new DataView(header.buffer).setUint32(0, version)
  header[4] = typeByte
  return Uint8Array.from([...part('phi1'), ...part(column), ...part(rowId), ...part(ownerId), ...header])
}

/** Type byte and padded plaintext of a value. An empty value is padded to 16 even in a column without padding. */
function plaintextOf(type: CellType, pad: number, value: CellValue): { typeByte: number; plain: Uint8Array } {
  const { code, spell } = described[type]
  const spelled = (spell as (value: CellValue) => Uint8Array | string)(value)
  const bytes = typeof spelled === 'string' ? new TextEncoder().encode(spelled) : spelled
  const block = pad === 0 && bytes.length === 0 ? 16 : pad
  const typeByte = code + 16 * [0, 16, 32, 64].indexOf(block)
  if (block === 0) return { typeByte, plain: bytes }
  const padded = new Uint8Array(bytes.length + block - (bytes.length % block))
  padded.set(bytes)
  padded[bytes.length] = 0x80
  return { typeByte, plain: padded }
}

const keyFor = ({ ownerId, version }: Place) => {
  const raw = randomBytes(32)
  const key = new DataKey({ ownerId, version, state: 'active', key: new SecretKey(Uint8Array.from(raw)) })
  return { raw: Uint8Array.from(raw), key, keys: new DataKeys(ownerId, [key]) }
}
const versionText = (version: number) => version.toString(16).padStart(8, '0')
const opened = (value: CellValue) => (value instanceof Uint8Array ? [...value] : value)

describe.each(types)('a cell of type %s', (type) => {
  test('that is sealed here opens with @noble/ciphers', () => {
    fc.assert(
      fc.property(values[type] as fc.Arbitrary<CellValue>, places, (value, place) => {
        const { raw, key } = keyFor(place)
        const cell = sealCell(
          key,
          cellColumn(place.column, type, place.pad),
          rowAddress(place.rowId, place.ownerId),
          value,
        )
        const [format, version, encoded = ''] = cell.split('.')
        expect([format, version]).toEqual(['phi1', versionText(place.version)])
        const body = Uint8Array.from(Buffer.from(encoded, 'base64url'))
        const { typeByte, plain } = plaintextOf(type, place.pad, value)
        expect(body[0]).toBe(typeByte)
        const found = gcm(raw, body.subarray(1, 13), associated(place, typeByte)).decrypt(body.subarray(13))
        expect([...found]).toEqual([...plain])
      }),
    )
  })

  test('that @noble/ciphers seals opens here, and with one bit bent it does not', () => {
    fc.assert(
      fc.property(
        values[type] as fc.Arbitrary<CellValue>,
        places,
        fc.uint8Array({ minLength: 12, maxLength: 12 }),
        fc.nat(),
        (value, place, nonce, bit) => {
          const { raw, keys } = keyFor(place)
          const { typeByte, plain } = plaintextOf(type, place.pad, value)
          const sealed = gcm(raw, Uint8Array.from(nonce), associated(place, typeByte)).encrypt(plain)
          const body = Buffer.concat([Buffer.of(typeByte), nonce, sealed])
          const open = (bytes: Buffer) =>
            openCell(
              keys,
              cellColumn(place.column, type, place.pad),
              rowAddress(place.rowId, place.ownerId),
              `phi1.${versionText(place.version)}.${bytes.toString('base64url')}`,
            )
          expect(opened(open(body))).toEqual(opened(value))
          const at = bit % (body.length * 8)
          body[at >> 3] = (body[at >> 3] ?? 0) ^ (1 << (at & 7))
          expect(() => open(body)).toThrow(CryptoError)
        },
      ),
    )
  })
})

const contexts: fc.Arbitrary<KeyContext> = fc.record({
  purpose: fc.constantFrom('data-key', 'index-root', 'identity-root'),
  keyring: fc.string({ maxLength: 20 }),
  environment: fc.constantFrom('demo', 'production'),
  owner: fc.uuid(),
  version: fc.nat(),
})
const contextBytes = (context: KeyContext, wrappingVersion: number) =>
  Uint8Array.from(
    [
      'vkw1',
      context.purpose,
      context.keyring,
      context.environment,
      context.owner,
      `${context.version}`,
      `${wrappingVersion}`,
    ].flatMap(part),
  )

test('a wrapped key goes to @noble/ciphers and comes back from there', () => {
  fc.assert(
    fc.property(contexts, fc.integer({ min: 1 }), (context, wrappingVersion) => {
      const [kek, bytes] = [randomBytes(32), randomBytes(32)]
      const wrapping = new SecretKey(Uint8Array.from(kek))
      const wrapped = wrapKey(wrapping, wrappingVersion, new SecretKey(Uint8Array.from(bytes)), context)
      const other = (nonce: Uint8Array) => gcm(kek, nonce, contextBytes(context, wrappingVersion))
      expect(Buffer.from(other(wrapped.subarray(0, 12)).decrypt(wrapped.subarray(12))).equals(bytes)).toBe(
        true,
      )
      const nonce = randomBytes(12)
      const theirs = Buffer.concat([nonce, other(nonce).encrypt(bytes)])
      const back = unwrapKey(wrapping, wrappingVersion, theirs, context)
      expect(keyObjectOf(back).export().equals(bytes)).toBe(true)
      expect(() => unwrapKey(wrapping, wrappingVersion + 1, theirs, context)).toThrow(CryptoError)
    }),
  )
})

test('an index token is HMAC-SHA-256 under HKDF-SHA-256 of the root', () => {
  const raw = randomBytes(32)
  const token = blindIndex(
    indexKeys(3, new Map([[3, new SecretKey(Uint8Array.from(raw))]])),
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
