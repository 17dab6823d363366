import { expect, test } from 'vitest'
import { hashPassword, verifyPassword } from './password.ts'

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
  const timed = async (hash: string | null) => {
    const start = performance.now()
    expect(await verifyPassword(hash, 'wrong password here')).toBe(false)
    return performance.now() - start
  }
  await timed(null)
  const times: [known: number, unknown: number][] = []
  // In turns, so that a busy machine slows both alike.
  for (let turn = 0; turn < 15; turn += 1) times.push([await timed(stored), await timed(null)])
  const middle = (which: 0 | 1) => times.map((pair) => pair[which]).toSorted((a, b) => a - b)[7] ?? 0
  expect(middle(1) / middle(0)).toBeGreaterThan(0.5)
  expect(middle(1) / middle(0)).toBeLessThan(2)
})
