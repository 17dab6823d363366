import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clinic } from '#lib/clinic.ts'
import { frequent, leaked, ownWords } from './common-passwords.ts'
import { passwordFault } from './password-rules.ts'

describe('length', () => {
  test('twelve code points are enough, eleven are not, however many bytes they take', () => {
    expect(passwordFault('gjwmxqrtplkv')).toBeNull()
    expect(passwordFault('gjwmxqrtplk')).toBe('too-short')
    expect(passwordFault('𝕘𝕛𝕨𝕞𝕩𝕢𝕣𝕥𝕡𝕝𝕜')).toBe('too-short')
    expect(passwordFault('猫と犬が仲良く歩く川沿いの道')).toBeNull()
  })

  test('counted after normalisation, so that a separate accent is not a character', () => {
    expect(passwordFault('gjwmxqrtple\u0301')).toBe('too-short')
  })

  test('128 are allowed, 129 are refused and never cut', () => {
    const long = 'gjwmxqrtplkv'.repeat(11)
    expect(passwordFault(`${long.slice(0, 120)}zhnbdfcu`)).toBeNull()
    expect(passwordFault(`${long.slice(0, 120)}zhnbdfcu7`)).toBe('too-long')
  })
})

describe('common passwords', () => {
  test('the block list holds more than 40,000 leaked passwords that are long enough to be chosen', () => {
    expect(leaked.size).toBeGreaterThan(40_000)
    expect(frequent.size).toBe(20_000)
    expect(leaked.has('jfgh29384ktqzp')).toBe(false)
  })

  test.each(['polniypizdec0211', 'gfhjkmGFHJKM', 'leavemealone', 'Vjkjlfzudfhlbz', 'sonyericsson!!'])(
    '%s stood in a leak and is refused',
    (password) => {
      expect(passwordFault(password)).toBe('common')
    },
  )

  test.each(['michelle!1989!!', 'Chocolatechocolate', '1234-alexandra', 'p@trici@##2024'])(
    '%s is a frequent word with little around it',
    (password) => {
      expect(passwordFault(password)).toBe('common')
    },
  )

  test('a password made of its owner’s address or name is refused, and the same is fine for somebody else', () => {
    for (const password of ['odalys.brandvold', 'OdalysBrandvold26', 'brandvold-brandvold']) {
      expect(passwordFault(password, ['odalys.brandvold@example.org', 'Odalys Brandvold'])).toBe('common')
      expect(passwordFault(password, ['someone.else@example.org'])).toBeNull()
    }
    expect(passwordFault('Odalys hums beside nine kettles', ['odalys@example.org'])).toBeNull()
  })

  test.each([
    'password1234', 'Password2026!!', 'P@ssw0rd12345', 'qwertyuiop123', '123456789012', 'aaaaaaaaaaaa', '121212121212',
    'Welcome12345!', 'iloveyou2025!', 'correcthorsebatterystaple', 'Correct Horse Battery Staple', 'RiversideClinic1',
    'vigil-vigil-vigil', 'abcdefghijklmnop', 'Summer2026Summer', 'abc123abc123', 'zaq12wsxCDE3', '!!!Passw0rd!!!2024',
    'jordanjordan23',
  ])('%s is refused', (password) => {
    expect(passwordFault(password)).toBe('common')
  }) // prettier-ignore

  test.each([
    'seven quiet otters',
    'blaue Tasse am Fenster',
    'password of the hidden orchard',
    'gjwm xqrt plkv',
    'Ω-моя-βάρκα-42',
  ])('%s is accepted: no capital, digit or sign is asked for', (password) => {
    expect(passwordFault(password)).toBeNull()
  })

  test('what a password manager makes is accepted', () => {
    const random = fc.string({ unit: fc.constantFrom(...'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789'), minLength: 20, maxLength: 20 }) // prettier-ignore
    fc.assert(
      fc.property(
        random,
        (password) => new Set(password.toLowerCase()).size < 8 || passwordFault(password) === null,
      ),
      { numRuns: 300 },
    )
  })
})

test('docs/passwords.md names every word of the clinic, the product and its roles', () => {
  const text = readFileSync('docs/passwords.md', 'utf8')
  expect(ownWords.length).toBeGreaterThan(20)
  const named = ownWords.filter((word) => text.includes(word) || clinic.name.toLowerCase().includes(word))
  expect(named).toEqual(ownWords)
})
