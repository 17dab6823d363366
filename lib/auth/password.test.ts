import type * as Argon2 from '@node-rs/argon2'
import { expect, test, vi } from 'vitest'
import { hashPassword, verifyPassword } from './password.ts'

/** The hashes that something was verified against, in their order; the library does its work all the same. */
const verified = vi.hoisted((): string[] => [])
vi.mock('@node-rs/argon2', async (original) => {
  const library = await original<typeof Argon2>()
  return {
    ...library,
    verify: (hash: string, password: string) => {
      verified.push(hash)
      return library.verify(hash, password)
    },
  }
})

test('a password is stored as argon2id at the cost that OWASP asks for', async () => {
  const stored = await hashPassword('seven quiet otters')
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(await hashPassword('seven quiet otters')).not.toBe(stored)
  expect(await verifyPassword(stored, 'seven quiet otters')).toBe(true)
  expect(await verifyPassword(stored, 'Seven quiet otters')).toBe(false)
})

test('nothing is cut off: the last letter of 128 counts', async () => {
  const long = 'ä'.repeat(127)
  const stored = await hashPassword(`${long}x`)
  expect(await verifyPassword(stored, `${long}y`)).toBe(false)
  expect(await verifyPassword(stored, `${long}x`)).toBe(true)
})

test('two keyboards that write é differently give one password', async () => {
  const stored = await hashPassword('caf\u00e9 und kuchen')
  expect(await verifyPassword(stored, 'cafe\u0301 und kuchen')).toBe(true)
})

test('without an account the same work is done and the answer is no', async () => {
  const stored = await hashPassword('seven quiet otters')
  verified.length = 0
  expect(await verifyPassword(stored, 'wrong password here')).toBe(false)
  expect(await verifyPassword(null, 'wrong password here')).toBe(false)
  // One verification each, with the same parameters, salt and output as long: how long they take is measured by `npm run bench`.
  const shapes = verified.map((hash) => hash.split('$').map((part, at) => (at < 4 ? part : part.length)))
  expect(shapes).toHaveLength(2)
  expect(shapes[1]).toEqual(shapes[0])
  expect(verified[1]).not.toBe(verified[0])
})
