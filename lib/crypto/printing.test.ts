import { createSecretKey } from 'node:crypto'
import { format, inspect } from 'node:util'
import { expect, test } from 'vitest'

import { DataKey, DataKeys } from './data-keys.ts'
import { indexKeys } from './index-keys.ts'
import { createKeyring } from './keyring.ts'
import { keyObjectOf, SecretKey } from './secret-key.ts'

/** Every way in which a value ends up in a log line by accident. */
function printed(value: unknown): string {
  const error = new Error('x', { cause: value })
  return [
    inspect(value, { showHidden: true, depth: 20, getters: true, showProxy: true }),
    inspect({ wrapped: [value], map: new Map([['key', value]]) }, { depth: 20, showHidden: true }),
    format('%o %O %j %s', value, value, value, value),
    JSON.stringify(value),
    JSON.stringify({ ...Object(value) }),
    inspect(error, { depth: 20, showHidden: true }),
    `${JSON.stringify(structuredCloneOrNothing(value))}`,
  ].join('\n')
}

function structuredCloneOrNothing(value: unknown): unknown {
  try {
    return structuredClone(value)
  } catch {
    return null
  }
}

function leaks(text: string, bytes: Buffer): string[] {
  const spellings = {
    hex: bytes.toString('hex'),
    base64: bytes.toString('base64').slice(0, 40),
    base64url: bytes.toString('base64url').slice(0, 40),
    latin1: bytes.toString('latin1').slice(4, 16),
    // As inspect prints a Buffer, and as JSON prints one.
    inspected: [...bytes.subarray(0, 10)].map((byte) => byte.toString(16).padStart(2, '0')).join(' '),
    listed: bytes.subarray(0, 8).join(','),
    listedWide: bytes.subarray(0, 8).join(', '),
  }
  return Object.entries(spellings).flatMap(([name, spelling]) => (text.includes(spelling) ? [name] : []))
}

test('attack 55: no key can be printed', () => {
  const secret = SecretKey.random()
  const bytes = keyObjectOf(secret).export()
  const dataKey = new DataKey({ ownerId: 'x', version: 1, state: 'active', key: secret })
  const keyring = createKeyring('ring', 'demo', new Date(0))
  const [first] = keyring.versions
  const ringBytes = keyObjectOf(first?.key ?? secret).export()
  for (const [value, material] of [
    [secret, bytes],
    [dataKey, bytes],
    [new DataKeys('x', [dataKey]), bytes],
    [indexKeys(1, new Map([[1, secret]])), bytes],
    [keyring, ringBytes],
  ] as const) {
    expect(leaks(printed(value), material)).toEqual([])
  }
  expect(inspect(secret)).toBe('[key]')
  expect(JSON.stringify({ secret, dataKey })).toBe('{"secret":"[key]","dataKey":"[key]"}')
  expect(String(secret)).toBe('[key]')
  expect(Object.keys(secret)).toEqual([])
  // Controls: the same search finds bytes kept in the open.
  expect(leaks(printed({ key: bytes }), bytes)).not.toEqual([])
  expect(leaks(printed({ key: createSecretKey(bytes).export().toString('hex') }), bytes)).toEqual(['hex'])
})

test('the bytes handed to a key are wiped', () => {
  const bytes = Buffer.alloc(32, 7)
  const key = new SecretKey(bytes)
  expect(bytes.equals(Buffer.alloc(32))).toBe(true)
  expect(keyObjectOf(key).export().equals(Buffer.alloc(32, 7))).toBe(true)
  expect(() => new SecretKey(Buffer.alloc(31))).toThrow(expect.objectContaining({ code: 'VALUE' }))
})
