import { readFileSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { listSourceFiles } from '#lib/testing/list-source-files.ts'
import type * as sessionCookies from './session-cookie.ts'

/** The module as a process has it that is reached under an address. */
async function cookiesAt(url: string): Promise<typeof sessionCookies> {
  vi.resetModules()
  vi.doMock('#lib/env.ts', () => ({ env: { url } }))
  return import('./session-cookie.ts')
}

describe('cookies', () => {
  test('over https bear the prefix that keeps neighbours from planting one, and are Secure', async () => {
    const { cookieName, cookieOptions, sessionCookie } = await cookiesAt('https://portal.example.org')
    expect(sessionCookie).toBe('__Host-vigil-session')
    expect(cookieName('device')).toBe('__Host-vigil-device')
    // What the prefix wants (RFC 6265bis §4.1.3.2): Secure, the path /, no Domain.
    expect(cookieOptions).toEqual({ httpOnly: true, secure: true, sameSite: 'lax', path: '/' })
  })

  test('on this computer over http bear the plain name: browsers would not take the prefix', async () => {
    const { sessionCookie, cookieOptions } = await cookiesAt('http://localhost:3000')
    expect([sessionCookie, cookieOptions.secure]).toEqual(['vigil-session', false])
  })

  test('are named and set nowhere else', () => {
    const files = listSourceFiles(/^(app|lib|components)\/.*\.tsx?$/).filter(
      (file) => !/\.test\.tsx?$|^lib\/testing\/|^lib\/db\/generated\//.test(file),
    )
    const setting = files.filter((file) =>
      /cookies\(\)\)?\.set\(|jar\.set\(|getIronSession|document\.cookie\s*=/.test(readFileSync(file, 'utf8')),
    )
    expect(setting.length).toBeGreaterThan(4)
    for (const file of setting) expect(readFileSync(file, 'utf8'), file).toMatch(/cookieOptions/)
    const named = files.filter((file) => /['"`](?:__Host-)?vigil-(?:session|device|record)['"`]/.test(readFileSync(file, 'utf8'))) // prettier-ignore
    expect(named.filter((file) => file !== 'components/shell/session-wire.ts')).toEqual([])
  })
})
