import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { cellColumn, padBlocks, type CellType, type CellValue, type JsonValue } from './cell-column.ts'
import { cellVersion, looksSealed } from './cell-format.ts'
import { CryptoError } from './crypto-error.ts'
import { DataKey, DataKeys } from './data-keys.ts'
import { openCell } from './open-cell.ts'
import { rowAddress } from './row-address.ts'
import { sealCell } from './seal-cell.ts'
import { SecretKey } from './secret-key.ts'

const ownerId = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa'
const row = rowAddress('11111111-1111-4111-8111-111111111111', ownerId)
const key = new DataKey({ ownerId, version: 0xab, state: 'active', key: SecretKey.random() })
const keys = new DataKeys(ownerId, [key])

/** As the DOMAIN phi.ciphertext wants it. */
const domain = /^phi1\.[0-9a-f]{8}\.[A-Za-z0-9_-]{40,}$/

const text = fc.string({ unit: 'binary', maxLength: 200 })
const isJsonSafe = (value: unknown) => !/__proto__|constructor/.test(JSON.stringify(value))
const values: { [T in CellType]: fc.Arbitrary<CellValue<T>> } = {
  string: text,
  date: fc
    .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((day) => day.toISOString().slice(0, 10)),
  timestamp: fc
    .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((instant) => instant.toISOString()),
  integer: fc.maxSafeInteger(),
  number: fc.double({ noNaN: true, noDefaultInfinity: true }),
  decimal: fc
    .tuple(fc.constantFrom('', '-'), fc.nat(), fc.option(fc.stringMatching(/^[0-9]{1,10}$/)))
    .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}`),
  boolean: fc.boolean(),
  json: fc
    .jsonValue({ maxDepth: 5 })
    .filter(isJsonSafe)
    // JSON has no negative zero: JSON.stringify writes 0.
    .map((value): JsonValue => JSON.parse(JSON.stringify(value))),
  bytes: fc.uint8Array({ maxLength: 200 }).map((bytes) => Uint8Array.from(bytes)),
}
const types = Object.keys(values) as CellType[]

describe('what was sealed comes back, exactly', () => {
  test.each(types.flatMap((type) => padBlocks.map((pad) => [type, pad] as const)))(
    '%s, padded to %d',
    (type, pad) => {
      const column = cellColumn('observation.value', type, pad)
      fc.assert(
        fc.property(values[type], (value) => {
          const cell = sealCell(key, column, row, value)
          expect(cell).toMatch(domain)
          expect(looksSealed(cell)).toBe(true)
          expect(cellVersion(cell, 'test')).toBe(0xab)
          expect(openCell(keys, column, row, cell)).toEqual(value)
        }),
        { numRuns: 100 },
      )
    },
  )

  test('bytes come out as a copy of their own', () => {
    const column = cellColumn('document-reference.content', 'bytes')
    const opened = openCell(keys, column, row, sealCell(key, column, row, Uint8Array.of(1, 2, 3)))
    expect(opened.byteOffset).toBe(0)
    expect(opened.buffer.byteLength).toBe(3)
  })

  test('a column whose padding changed still opens its old cells', () => {
    for (const before of padBlocks) {
      const cell = sealCell(key, cellColumn('patient.sex', 'string', before), row, 'female')
      for (const after of padBlocks) {
        expect(openCell(keys, cellColumn('patient.sex', 'string', after), row, cell)).toBe('female')
      }
    }
  })

  test('the same value never gives the same text twice', () => {
    const column = cellColumn('patient.sex', 'string', 16)
    const cells = Array.from({ length: 1000 }, () => sealCell(key, column, row, 'female'))
    expect(new Set(cells).size).toBe(1000)
  })
})

describe('attack 54: length tells nothing about a padded value', () => {
  const codes = ['male', 'female', 'other', 'unknown', '', 'x'.repeat(15)]
  const lengths = (pad: 0 | 16) => {
    const column = cellColumn('patient.sex', 'string', pad)
    return new Set(codes.map((code) => sealCell(key, column, row, code).length))
  }

  test('all values of a low-entropy column are of one length', () => {
    expect(lengths(16).size).toBe(1)
    expect(lengths(0).size, 'without padding the lengths differ').toBeGreaterThan(1)
  })

  test('an empty value in an unpadded column is not the shortest possible cell', () => {
    const column = cellColumn('patient.given-name', 'string')
    const empty = sealCell(key, column, row, '')
    expect(empty.length).toBeGreaterThan(sealCell(key, column, row, 'x').length)
    expect(openCell(keys, column, row, empty)).toBe('')
  })
})

describe('values that a type cannot carry are refused', () => {
  test.each<[CellType, unknown[]]>([
    ['string', [1, null, undefined, '\ud800']],
    ['date', ['2023-02-29', '2024-13-01', '24-01-01', '2024-01-01T00:00:00Z', '2024-1-1', '', 20240101, '2024-01-01\n']],
    ['timestamp', ['2024-01-01', '2024-01-01T00:00:00Z', '2024-01-01T00:00:00.000+01:00', '2024-02-30T00:00:00.000Z', '', 0]],
    ['integer', [1.5, Number.NaN, 2 ** 53, '1', 1n, Infinity]],
    ['number', [Number.NaN, Infinity, -Infinity, '1']],
    ['decimal', ['1e5', '01', '.5', '1.', '+1', '', ' 1', 1, '١', `1${'0'.repeat(38)}`]],
    ['boolean', [0, 1, 'true', null]],
    ['json', [undefined, 1n, Symbol('x'), Number.NaN]],
    ['bytes', ['bytes', [1, 2], new ArrayBuffer(2)]],
  ])('%s', (type, refused) => {
    const column = cellColumn('observation.value', type)
    for (const value of refused) {
      expect(() => Reflect.apply(sealCell, undefined, [key, column, row, value])).toThrow(
        expect.objectContaining({ code: 'VALUE' }),
      )
    }
  }) // prettier-ignore

  test('a date of the last day of February is fine in a leap year', () => {
    const column = cellColumn('patient.birth-date', 'date')
    expect(openCell(keys, column, row, sealCell(key, column, row, '2024-02-29'))).toBe('2024-02-29')
  })
})

describe('keys are used only as their state and owner allow', () => {
  const column = cellColumn('patient.sex', 'string', 16)
  const made = (state: 'pending' | 'active' | 'decrypt_only' | 'disabled' | 'destroyed', limit?: number) =>
    new DataKey({
      ownerId,
      version: 1,
      state,
      key: SecretKey.random(),
      ...(limit === undefined ? {} : { limit }),
    })

  test.each([
    ['pending', 'KEY_PENDING'],
    ['decrypt_only', 'KEY_DISABLED'],
    ['disabled', 'KEY_DISABLED'],
    ['destroyed', 'KEY_DESTROYED'],
  ] as const)('a key that is %s does not seal', (state, code) => {
    expect(() => sealCell(made(state), column, row, 'x')).toThrow(expect.objectContaining({ code }))
  })

  test('attack 30: the keys of one patient are refused for the row of another, sealing and opening', () => {
    const other = rowAddress(row.rowId, 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb')
    expect(() => sealCell(key, column, other, 'x')).toThrow(expect.objectContaining({ code: 'WRONG_OWNER' }))
    const cell = sealCell(key, column, row, 'x')
    expect(() => openCell(keys, column, other, cell)).toThrow(
      expect.objectContaining({ code: 'WRONG_OWNER' }),
    )
    expect(() => new DataKeys('someone-else', [key])).toThrow(
      expect.objectContaining({ code: 'WRONG_OWNER' }),
    )
  })

  test('two active versions of one owner are refused', () => {
    const second = new DataKey({ ownerId, version: 2, state: 'active', key: SecretKey.random() })
    expect(() => new DataKeys(ownerId, [key, second])).toThrow(expect.objectContaining({ code: 'KEYRING' }))
  })

  test('attack 51: a key that reached its limit refuses, and keeps opening', () => {
    const tired = made('active', 3)
    const cells = ['a', 'b', 'c'].map((value) => sealCell(tired, column, row, value))
    expect(tired.exhausted).toBe(true)
    expect(() => sealCell(tired, column, row, 'd')).toThrow(
      expect.objectContaining({ code: 'KEY_EXHAUSTED' }),
    )
    expect(cells.map((cell) => openCell(new DataKeys(ownerId, [tired]), column, row, cell))).toEqual([
      'a',
      'b',
      'c',
    ])
    expect(tired.takeUnreported()).toBe(3)
    expect(tired.takeUnreported()).toBe(0)
    tired.returnUnreported(3)
    expect(tired.takeUnreported()).toBe(3)
    // Control: what a former process has used up counts too.
    expect(
      new DataKey({ ownerId, version: 1, state: 'active', key: SecretKey.random(), encryptions: 2 ** 31 })
        .exhausted,
    ).toBe(true)
  })
})

test('ids that could become another id in UTF-8, or are empty or endless, are refused', () => {
  for (const [rowId, owner] of [['', 'x'], ['x', ''], ['\ud800', 'x'], ['x', '\udfff'], ['x'.repeat(257), 'x']] as const) {
    expect(() => rowAddress(rowId, owner)).toThrow(CryptoError)
  } // prettier-ignore
  for (const id of ['', 'patient', 'Patient.name', 'patient.', 'patient name.x', 'patient.family_name']) {
    expect(() => cellColumn(id, 'string')).toThrow(CryptoError)
  }
  const long = rowAddress('ü'.repeat(256), '\u{1F9EC}'.repeat(128))
  const far = new DataKey({ ownerId: long.ownerId, version: 1, state: 'active', key: SecretKey.random() })
  const column = cellColumn(`a.${'b'.repeat(4000)}`, 'string')
  const cell = sealCell(far, column, long, 'x')
  expect(openCell(new DataKeys(long.ownerId, [far]), column, long, cell)).toBe('x')
})
