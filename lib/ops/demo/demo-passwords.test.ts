import { expect, test } from 'vitest'
import { passwordFault } from '#lib/auth/password-rules.ts'
import { demoPassword } from './demo-passwords.ts'

test("the demo's passwords are five words, never twice the same, and good enough for the product's own rule", () => {
  const passwords = Array.from({ length: 300 }, demoPassword)
  expect(new Set(passwords).size).toBe(passwords.length)
  expect(passwords.every((password) => /^[a-z]+(-[a-z]+){4}$/.test(password))).toBe(true)
  expect(passwords.every((password) => passwordFault(password) === null)).toBe(true)
})
