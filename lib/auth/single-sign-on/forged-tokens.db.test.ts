import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { peekSession } from '#lib/auth/session.ts'
import { sessionCookie } from '#lib/auth/session-cookie.ts'
import { appQuery } from '#lib/db/app-database.ts'
import type { SingleSignOnSettings } from '#lib/parse-single-sign-on.ts'
import { startForgingProvider, type Forgery, type ForgingProvider } from '#lib/testing/forging-provider.ts'
import { FakeBrowser, makeSignInCast, type Person, type SignInCast } from '#lib/testing/sign-in-cast.ts'
import { finishSingleSignOn } from './finish-single-sign-on.ts'
import { startSingleSignOn } from './start-single-sign-on.ts'
import { takeLogoutToken } from './take-logout-token.ts'

// What would be lost if these failed: a token that anybody can make would open a session, or end everybody's.

const settings = vi.hoisted(() => ({ current: undefined as SingleSignOnSettings | undefined }))
const browser = vi.hoisted(() => ({ current: undefined as FakeBrowser | undefined }))
vi.mock('#lib/env.ts', async (original) => {
  const given = await original<{ env: object }>()
  return {
    ...given,
    env: {
      ...given.env,
      get singleSignOn() {
        return settings.current
      },
    },
  }
})
vi.mock('next/headers', () => ({
  headers: () => browser.current?.asNextHeaders().headers(),
  cookies: () => browser.current?.asNextHeaders().cookies(),
}))

let cast: SignInCast
let provider: ForgingProvider
let nurse: Person
const client = { ip: '192.0.2.7', userAgent: 'test' }

beforeAll(async () => {
  cast = await makeSignInCast()
  provider = await startForgingProvider()
  nurse = await cast.addPerson('nurse')
  await cast.sql.superuser.query(
    'UPDATE app.session SET second_factor_at = app.now(), last_active_at = app.now()',
  )
  await appQuery('SELECT app.role_claim_add($1, $2, $3)', [cast.people.admin.token, 'nurses', 'nurse'])
})
afterAll(async () => {
  await provider.close()
  await cast.close()
})
beforeEach(() => {
  browser.current = new FakeBrowser()
  settings.current = settingsOf(provider)
})

const settingsOf = ({ issuer, clientId, clientSecret }: ForgingProvider): SingleSignOnSettings => ({
  issuer,
  clientId,
  clientSecret: () => clientSecret,
  name: 'hospital',
  scope: 'openid email',
  roleClaim: undefined,
  emailVerifiedClaim: 'email_verified',
  mfaAcr: [],
  mfaAmr: ['mfa'],
  algorithm: 'RS256',
  isLogoutTyped: true,
})

/** Goes to the provider, which hands out the token that the test wants, and comes back. @returns where the browser is led */
async function signIn(forgery: Forgery): Promise<string> {
  const { location, cookies } = await startSingleSignOn(false)
  for (const line of cookies) {
    const [pair = ''] = line.split(';')
    const at = pair.indexOf('=')
    browser.current?.jar.set(pair.slice(0, at), decodeURIComponent(pair.slice(at + 1)))
  }
  const asked = new URL(location).searchParams
  provider.nonce = asked.get('nonce') ?? ''
  const person = { email: nurse.email, email_verified: true, amr: ['pwd', 'mfa'] }
  provider.idToken = { ...forgery, claims: { ...person, ...forgery.claims } }
  return finishSingleSignOn({ code: 'a code', state: asked.get('state') ?? '' })
}
const token = () => browser.current?.jar.get(sessionCookie) ?? ''
const seconds = (away: number): number => Math.floor(Date.now() / 1000) + away

test('the provider is asked for the scopes of the settings and no more, with words that no other attempt has', async () => {
  const [one, other] = await Promise.all([startSingleSignOn(false), startSingleSignOn(false)])
  const asked = [one, other].map(({ location }) => new URL(location).searchParams)
  for (const words of asked) {
    expect(words.get('scope')).toBe('openid email')
    expect(words.get('response_type')).toBe('code')
    expect(words.get('code_challenge_method')).toBe('S256')
  }
  for (const name of ['state', 'nonce', 'code_challenge']) {
    const values = asked.map((words) => words.get(name) ?? '')
    expect(values[0]?.length).toBeGreaterThanOrEqual(43)
    expect(values[0]).not.toBe(values[1])
  }
})

describe('an ID token', () => {
  test('that is right signs in: the others are refused for what is wrong with them', async () => {
    expect(await signIn({})).toBe('/care')
    expect((await peekSession(token())).state).toBe('active')
  })

  test.each([
    ['without a signature', { by: 'none' }],
    ['signed with the client’s secret', { by: 'client-secret' }],
    ['signed with the public key, taken for a secret', { by: 'public-key' }],
    ['signed by a stranger under the provider’s key id', { by: 'stranger' }],
    ['of a key that the provider has not published', { header: { kid: 'two' }, by: 'stranger' }],
    ['of another issuer', { claims: { iss: 'https://other.example' } }],
    ['for another client', { claims: { aud: 'another' } }],
    ['for several clients and handed to another', { claims: { aud: ['vigil', 'another'], azp: 'another' } }],
    ['that has run out', { claims: { iat: seconds(-900), exp: seconds(-600) } }],
    ['that is not good yet', { claims: { nbf: seconds(600) } }],
    ['without a nonce', { claims: { nonce: undefined } }],
    ['with the nonce of another attempt', { claims: { nonce: 'another' } }],
    ['about nobody', { claims: { sub: undefined } }],
  ] satisfies [string, Forgery][])('%s opens nothing', async (_, forgery) => {
    expect(await signIn(forgery)).toMatch(/^\/sign-in\?notice=provider-/)
    expect(token()).toBe('')
  })
})

describe('a logout token', () => {
  const event = { 'http://schemas.openid.net/event/backchannel-logout': {} }
  const logout = async (forgery: Forgery) => {
    const now = seconds(0)
    const right = { iss: provider.issuer, aud: provider.clientId, sub: 'somebody', iat: now, exp: now + 120, jti: crypto.randomUUID(), events: event } // prettier-ignore
    const made = await provider.sign(right, { ...forgery, header: { typ: 'logout+jwt', ...forgery.header } })
    return takeLogoutToken(made, client)
  }

  test.each([
    ['without a signature', { by: 'none' }],
    ['signed with the client’s secret', { by: 'client-secret' }],
    ['signed by a stranger', { by: 'stranger' }],
    ['of another issuer', { claims: { iss: 'https://other.example' } }],
    ['for another client', { claims: { aud: 'another' } }],
    ['of five minutes ago', { claims: { iat: seconds(-300), exp: seconds(300) } }],
    ['without an end', { claims: { exp: undefined } }],
    ['without an id of its own', { claims: { jti: undefined } }],
    ['without the event', { claims: { events: {} } }],
    ['with a nonce, as an ID token has it', { claims: { nonce: 'n' } }],
    ['of another type', { header: { typ: 'at+jwt' } }],
    ['of no type that says so', { header: { typ: 'JWT' } }],
    ['about nobody', { claims: { sub: undefined } }],
  ] satisfies [string, Forgery][])('%s ends nothing, and is written down', async (_, forgery) => {
    await signIn({})
    const session = token()
    const refusals = async () =>
      (await cast.sql.superuser.query(`SELECT FROM audit.security_event_log WHERE event_type = 'LOGOUT_TOKEN_REFUSED'`)).rowCount ?? 0 // prettier-ignore
    const before = await refusals()
    expect(await logout(forgery)).toEqual({ kind: 'refused' })
    expect((await peekSession(session)).state).toBe('active')
    expect(await refusals()).toBe(before + 1)
  })

  test('that is right ends the session: the others were refused for what was wrong with them', async () => {
    await signIn({})
    const session = token()
    expect((await logout({})).kind).toBe('ended')
    expect((await peekSession(session)).state).toBe('ended')
  })
})

describe('what a provider says of itself', () => {
  test.each([
    ['under another name', { issuer: 'https://other.example' }],
    ['under its name with a slash', { slash: true }],
    ['with its keys beyond this machine and without TLS', { jwks_uri: 'http://provider.example/jwks' }],
    ['with a token address without TLS', { token_endpoint: 'http://provider.example/token' }],
    ['by leading elsewhere', { redirects: true }],
  ])('%s is refused', async (_, { slash, redirects, ...metadata }: Record<string, unknown>) => {
    const other = await startForgingProvider()
    try {
      Object.assign(other, { redirects: redirects === true, metadata: { ...metadata, ...(slash === true ? { issuer: `${other.issuer}/` } : {}) } }) // prettier-ignore
      settings.current = settingsOf(other)
      await expect(startSingleSignOn(false)).rejects.toThrow('identity provider')
    } finally {
      await other.close()
    }
  })
})
