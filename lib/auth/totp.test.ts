import { describe, expect, test } from 'vitest'
import { newTotpSecret, totpCode, totpKeyGroups, totpStep, totpStepsIn, totpUri } from './totp.ts'

const secret = newTotpSecret()
/** The middle of a step. */
const at = 1_790_000_010_000 + 15_000
const step = Math.floor(at / 30_000)

describe('a one-time code', () => {
  test.each([
    [-60, null],
    [-30, step - 1],
    [0, step],
    [30, step + 1],
    [60, null],
  ])('of %i seconds away from now counts for step %s', (seconds, expected) => {
    expect(totpStep(secret, totpCode(secret, at + seconds * 1000), at)).toBe(expected)
  })

  test('agrees with the test vector of RFC 6238 appendix B', () => {
    // "12345678901234567890" in base 32; 94287082 are the last eight digits at T = 59 s.
    expect(totpCode('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', 59_000)).toBe('287082')
  })

  test('may be typed with blanks, and nothing but six digits counts', () => {
    const code = totpCode(secret, at)
    expect(totpStep(secret, ` ${code.slice(0, 3)} ${code.slice(3)} `, at)).toBe(step)
    for (const typed of [
      '',
      code.slice(1),
      `${code}0`,
      `${code.slice(0, 5)}x`,
      '٣٤٥٦٧٨',
      `${code}\n${code}`,
    ]) {
      expect(totpStep(secret, typed, at), typed).toBeNull()
    }
  })

  test('of another secret does not count', () => {
    const other = newTotpSecret()
    const refused = Array.from({ length: 40 }, (_, turn) => at + turn * 3_600_000).filter(
      (moment) => totpStep(secret, totpCode(other, moment), moment) === null,
    )
    expect(refused.length).toBeGreaterThan(37)
  })
})

test('the secret has 160 bits, is new each time, and is shown in groups of four', () => {
  expect(secret).toMatch(/^[A-Z2-7]{32}$/)
  expect(newTotpSecret()).not.toBe(secret)
  expect(totpKeyGroups(secret)).toHaveLength(8)
  expect(totpKeyGroups(secret).join('')).toBe(secret)
})

test('the address in the QR code names clinic and person and carries the same secret', () => {
  const uri = new URL(totpUri(secret, 'maria@example.org'))
  expect(uri.protocol).toBe('otpauth:')
  expect(decodeURIComponent(uri.pathname)).toContain('maria@example.org')
  expect(uri.searchParams.get('secret')).toBe(secret)
  expect(uri.searchParams.get('issuer')).toBe('Riverside Clinic')
})

test('a span of time is whole steps', () => {
  expect(totpStepsIn(16 * 60_000)).toBe(32)
  expect(totpStepsIn(3)).toBe(0)
})
