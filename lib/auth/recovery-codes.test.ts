import { expect, test } from 'vitest'
import { findRecoveryCode, hashRecoveryCodes, newRecoveryCodes } from './recovery-codes.ts'

test('ten codes of 50 bits each, no two alike', () => {
  const codes = newRecoveryCodes()
  expect(new Set(codes).size).toBe(10)
  for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/)
  expect(newRecoveryCodes().filter((code) => codes.includes(code))).toEqual([])
})

test('a code is stored as a slow salted hash and found by what a person types', async () => {
  const codes = ['0123A-BCDEF', '1111Z-YXWVT']
  const hashes = await hashRecoveryCodes([...codes, codes[0] ?? ''])
  expect(hashes.every((hash) => hash.startsWith('$argon2id$'))).toBe(true)
  expect(hashes[0]).not.toBe(hashes[2])
  const unused = hashes.map((codeHash, index) => ({ id: `row-${index}`, codeHash }))
  expect(await findRecoveryCode(unused, 'o123abcdef')).toBe('row-0')
  expect(await findRecoveryCode(unused, ' illi z-yxwvt ')).toBe('row-1')
  expect(await findRecoveryCode(unused, '0123A-BCDEG')).toBeNull()
  expect(await findRecoveryCode(unused, '')).toBeNull()
  expect(await findRecoveryCode([], '0123A-BCDEF')).toBeNull()
})
