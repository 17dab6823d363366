import { mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { nowMilliseconds } from '#lib/clock.ts'
import { formerSecretSeconds, writeSecretLines } from '#lib/secret-file.ts'

const cookieJar = new Map<string, string>()
vi.mock('next/headers', () => ({
  cookies: () =>
    Promise.resolve({
      get: (name: string) => (cookieJar.has(name) ? { name, value: cookieJar.get(name) } : undefined),
      set: (name: string, value: string) => cookieJar.set(name, value),
      has: (name: string) => cookieJar.has(name),
    }),
  headers: () => Promise.resolve(new Headers()),
}))

let folder = ''
let file = ''
const former = 'demo-the-former-secret-with-enough-characters'
const present = 'demo-the-present-secret-with-enough-characters'

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'vigil-session-'))
  file = path.join(folder, 'session')
  writeSecretLines(file, [former])
  vi.stubEnv('SESSION_SECRET', '')
  vi.stubEnv('SESSION_SECRET_FILE', file)
  vi.resetModules()
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** Changes the secret as `vigil db rotate-credentials` does. */
const rotate = (): void => writeSecretLines(file, [present, former])

describe('a session secret that is changed while people sign in', () => {
  it('opens what the former one sealed, seals with the new one, and forgets the former in time', async () => {
    const { sessionSecret, sessionSecrets } = await import('./session-secret.ts')
    const { readSealed, writeSealed } = await import('./sealed-state.ts')
    const { sealPath, unsealPath } = await import('./seal-path.ts')
    const state = { accountId: '0e0f0a0b-0000-4000-8000-000000000001' }

    writeSecretLines(file, [former])
    const before = sessionSecret('next-auth')
    await writeSealed('second-factor', state)
    const path = await sealPath('/results')
    rotate()

    expect(await readSealed('second-factor')).toEqual(state)
    expect(await unsealPath(path)).toBe('/results')
    expect(sessionSecrets('next-auth')).toHaveLength(2)
    expect(sessionSecret('next-auth')).not.toBe(before)
    expect(sessionSecrets('next-auth')[1]).toBe(before)

    // What is written now is good for the new secret alone.
    await writeSealed('second-factor', state)
    writeSecretLines(file, [present])
    expect(await readSealed('second-factor')).toEqual(state)
    expect(await unsealPath(path)).toBeNull()
  })

  it('takes the former one for sixteen minutes and not a minute more, though the file still holds it', async () => {
    const { readSealed, writeSealed } = await import('./sealed-state.ts')
    const state = { accountId: '0e0f0a0b-0000-4000-8000-000000000002' }
    writeSecretLines(file, [former])
    await writeSealed('return', { ...state, path: '/home' })
    rotate()
    const changed = nowMilliseconds() / 1000 - formerSecretSeconds
    utimesSync(file, changed + 30, changed + 30)
    expect(await readSealed('return')).toMatchObject(state)
    utimesSync(file, changed - 1, changed - 1)
    expect(await readSealed('return')).toBeNull()
  })

  it('goes through with a form whose token against forgery is from before', async () => {
    const { askNextAuth } = await import('./next-auth.ts')
    const send = async (): Promise<string> => {
      const csrf = await askNextAuth({ method: 'GET', segments: ['csrf'], cookies: {} })
      const { csrfToken } = (await csrf.json()) as { csrfToken: string }
      const [name = '', value = ''] = csrf.headers.getSetCookie()[0]?.split(';')[0]?.split('=') ?? []
      rotate()
      if (accepts === 'present only') writeSecretLines(file, [present])
      const answer = await askNextAuth({
        method: 'POST',
        segments: ['callback', 'second-factor'],
        cookies: { [name]: decodeURIComponent(value) },
        body: { csrfToken, method: 'totp', code: '123456' },
      })
      return answer.headers.get('location') ?? ''
    }
    let accepts = 'both'
    cookieJar.clear()
    writeSecretLines(file, [former])
    expect(await send()).toContain('error=start-again')
    // The control: with the present secret alone the form is taken for a forged one.
    accepts = 'present only'
    writeSecretLines(file, [former])
    expect(await send()).toContain('csrf=true')
  })
})
