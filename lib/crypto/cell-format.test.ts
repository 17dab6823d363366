import fc from 'fast-check'
import { expect, test } from 'vitest'

import { cellBody, cellVersion, formatCell } from './cell-format.ts'
import { CryptoError } from './crypto-error.ts'

const isBody = (encoded: string) => {
  try {
    return cellBody(`phi1.00000001.${encoded}`, 'test').bytes.toString('base64url') === encoded
  } catch (error) {
    if (error instanceof CryptoError && error.code === 'FORMAT') return false
    throw error
  }
}

test('a body is accepted exactly when it encodes back to the same text', () => {
  const almost = fc.string({
    unit: fc.constantFrom(
      ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_-_AQgwAEIM',
      '=',
      '+',
      '/',
      '\n',
      'é',
    ),
    minLength: 38,
    maxLength: 60,
  })
  const clean = fc.string({ unit: fc.constantFrom(...'AQgwZz09-_EIMUYcko48'), minLength: 38, maxLength: 60 })
  const reference = (encoded: string) => {
    const bytes = Buffer.from(encoded, 'base64url')
    return bytes.length >= 30 && bytes.toString('base64url') === encoded
  }
  let accepted = 0
  fc.assert(
    fc.property(fc.oneof(almost, clean), (encoded) => {
      expect(isBody(encoded)).toBe(reference(encoded))
      accepted += reference(encoded) ? 1 : 0
    }),
    { numRuns: 5000 },
  )
  // Both answers must have come up often, or the comparison says little.
  expect(accepted).toBeGreaterThan(500)
  expect(accepted).toBeLessThan(4500)
})

test('around and beyond the shared buffer bodies come apart as they were put together', () => {
  for (const length of [30, 31, 32, 4094, 4095, 4096, 4097, 5460, 5461, 5462, 100_000]) {
    const bytes = Buffer.from(Array.from({ length }, (_, at) => (at * 7) & 0xff))
    const body = cellBody(formatCell(1, bytes), 'test')
    expect(body.bytes.equals(bytes)).toBe(true)
    expect([body.nonce, body.sealed, body.tag].map((part) => part.length)).toEqual([12, length - 29, 16])
    expect(Buffer.concat([bytes.subarray(0, 1), body.nonce, body.sealed, body.tag]).equals(bytes)).toBe(true)
    expect(isBody(`${bytes.toString('base64url')}=`)).toBe(false)
    expect(isBody(`${bytes.toString('base64url').slice(0, -1)}+`)).toBe(false)
  }
})

test('a version is written in eight lower-case digits and read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), (version) => {
      const cell = formatCell(version, Buffer.alloc(30))
      expect(cell).toMatch(/^phi1\.[0-9a-f]{8}\.[A-Za-z0-9_-]{40}$/)
      expect(cellVersion(cell, 'test')).toBe(version)
    }),
  )
})
