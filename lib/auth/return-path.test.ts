import { expect, test } from 'vitest'
import { safeReturnPath } from './return-path.ts'

test.each([
  [
    '/care/patients/7a3c1f3e-7a9e-4a0b-9f0e-1b2c3d4e5f60',
    '/care/patients/7a3c1f3e-7a9e-4a0b-9f0e-1b2c3d4e5f60',
  ],
  ['/results?after=abc', '/results?after=abc'],
  ['/results?_rsc=1x&after=abc', '/results?after=abc'],
  ['/home/../home', '/home'],
])('%s may be gone back to', (path, expected) => expect(safeReturnPath(path)).toBe(expected))

test.each([
  '', '/', 'home', '//evil.example', '/\\evil.example', '/\t/evil.example', 'https://evil.example/', 'javascript:alert(1)',
  '/sign-in', '/sign-out', '/signed-out?reason=idle', '/session-over', '/api/session/touch', '/home/../sign-out',
  '/home\r\nSet-Cookie: a=b', `/${'a'.repeat(300)}`, '/home#x',
])('%j may not', (path) => expect(safeReturnPath(path)).toBeNull()) // prettier-ignore

test('nothing remembered is nothing to go back to', () => {
  expect(safeReturnPath(null)).toBeNull()
  expect(safeReturnPath(undefined)).toBeNull()
})
