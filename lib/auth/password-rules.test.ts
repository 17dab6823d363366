import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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
