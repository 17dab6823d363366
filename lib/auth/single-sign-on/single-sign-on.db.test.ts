import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SingleSignOnSettings } from '#lib/parse-single-sign-on.ts'
import { appQuery } from '#lib/db/app-database.ts'
import { peekSession } from '#lib/auth/session.ts'
import { cookieName, sessionCookie } from '#lib/auth/session-cookie.ts'
import { stepUpFully } from '#lib/auth/step-up-fully.ts'
import { brandActor } from '#lib/policy/actor.ts'
import { signInWithSecondFactor } from '#lib/auth/sign-in-with-second-factor.ts'
import { startIdentityProvider, type IdentityProvider } from '#lib/testing/identity-provider.ts'
import { FakeBrowser, makeSignInCast, type Person, type SignInCast } from '#lib/testing/sign-in-cast.ts'
import { startLoopbackServer } from '#lib/testing/loopback-server.ts'
import { finishSingleSignOn } from './finish-single-sign-on.ts'
import { redirectUri } from './provider-options.ts'
import { startSingleSignOn } from './start-single-sign-on.ts'
import { takeLogoutToken } from './take-logout-token.ts'

// What would be lost if these failed: that the hospital's word is the hospital's, that it gives nobody more than the table says, and
// that it can be taken back. The provider is a real one.

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
let provider: IdentityProvider
let loggedOut: string[] = []
const client = { ip: '192.0.2.7', userAgent: 'test' }
let admin: string

beforeAll(async () => {
  cast = await makeSignInCast()
  admin = cast.people.admin.token
  const receiver = await import('node:http').then(({ createServer }) =>
    createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        loggedOut.push(new URLSearchParams(Buffer.concat(chunks).toString('utf8')).get('logout_token') ?? '')
        response.writeHead(200).end()
      })
    }),
  )
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const address = receiver.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  provider = await startIdentityProvider({ redirectUri, logoutUri: `http://127.0.0.1:${port}/logout` }, [])
  await fresh()
  for (const [word, role] of [
    ['vigil-nurses', 'nurse'],
    ['vigil-clinicians', 'clinician'],
  ])
    await appQuery('SELECT app.role_claim_add($1, $2, $3)', [admin, word, role])
  return () => receiver.close()
})
afterAll(async () => {
  await provider.close()
  await cast.close()
})
beforeEach(() => {
  browser.current = new FakeBrowser()
  loggedOut = []
  settings.current = {
    issuer: provider.issuer,
    clientId: provider.clientId,
    clientSecret: () => provider.clientSecret,
    name: 'hospital',
    scope: 'openid email groups',
    roleClaim: 'groups',
    emailVerifiedClaim: 'email_verified',
    mfaAcr: ['urn:mfa'],
    mfaAmr: ['mfa'],
    algorithm: 'RS256',
    isLogoutTyped: true,
  }
})

/** Makes the administrator's second factor fresh: what changes rights asks for one. */
const fresh = async () => {
  await cast.sql.superuser.query(
    "UPDATE app.session SET second_factor_at = app.now(), last_active_at = app.now(), expires_at = app.now() + interval '1 hour' WHERE token_hash = sha256(convert_to($1, 'UTF8'))",
    [admin],
  )
}

/** Somebody of the clinic whom the hospital knows by the same address. */
async function colleague(
  role: Person['role'],
  groups: string[],
  more: { amr?: string[]; acr?: string } = {},
) {
  const person = await cast.addPerson(role)
  const sub = `sub-${person.accountId}`
  provider.people.push({ sub, email: person.email, emailVerified: true, groups, ...more })
  return { ...person, sub }
}
const mfa = { amr: ['pwd', 'mfa'] }

/** Goes to the provider and back as a browser does, without one. @returns what the browser comes back with */
async function comeBack(sub: string, again = false): Promise<Record<string, string>> {
  const { location, cookies } = await startSingleSignOn(again)
  for (const line of cookies) {
    const [pair = ''] = line.split(';')
    const at = pair.indexOf('=')
    browser.current?.jar.set(pair.slice(0, at), decodeURIComponent(pair.slice(at + 1)))
  }
  const jar = new Map<string, string>()
  let address = location
  for (let hop = 0; hop < 8 && !address.startsWith(redirectUri); hop += 1) {
    const isPage = new URL(address).pathname.startsWith('/interaction/')
    const response = await fetch(address, {
      method: isPage ? 'POST' : 'GET',
      ...(isPage && { body: new URLSearchParams({ sub }) }),
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
    })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      jar.set(pair.slice(0, at), pair.slice(at + 1))
    }
    address = new URL(response.headers.get('location') ?? '/nowhere', address).href
  }
  return Object.fromEntries(new URL(address).searchParams)
}
const signIn = async (sub: string, again = false) => finishSingleSignOn(await comeBack(sub, again))
const token = () => browser.current?.jar.get(sessionCookie) ?? ''
const roleOf = async (accountId: string) =>
  (
    await cast.sql.superuser.query<{ role: string }>('SELECT role FROM app.account WHERE id = $1', [
      accountId,
    ])
  ).rows[0]?.role
const eventsOf = async (accountId: string) => (await cast.eventsOf(accountId)).map(({ event }) => event)

describe('signing in through the hospital', () => {
  test('opens a session of ours, by the subject and not by the address from then on', async () => {
    const nadia = await colleague('nurse', ['vigil-nurses'], mfa)
    expect(await signIn(nadia.sub)).toBe('/care')
    expect(await peekSession(token())).toMatchObject({
      state: 'active',
      role: 'nurse',
      accountId: nadia.accountId,
    })
    expect(await eventsOf(nadia.accountId)).toEqual(
      expect.arrayContaining(['FEDERATION_LINKED', 'SESSION_OPENED']),
    )
    // somebody else at the hospital who has the address now is not her
    provider.people.push({
      sub: 'newcomer',
      email: nadia.email,
      emailVerified: true,
      groups: ['vigil-nurses'],
      ...mfa,
    })
    expect(await signIn('newcomer')).toBe('/sign-in?notice=provider-linked-to-another')
    // and she is herself under another address
    const known = provider.people.find(({ sub }) => sub === nadia.sub)
    if (known) Object.assign(known, { email: 'married@example.org', emailVerified: false })
    expect(await signIn(nadia.sub)).toBe('/care')
  })

  test('leaves no token of the provider anywhere in the browser', async () => {
    const nadia = await colleague('nurse', ['vigil-nurses'], mfa)
    await signIn(nadia.sub)
    expect([...(browser.current?.jar.keys() ?? [])]).toEqual([sessionCookie, cookieName('device')])
  })

  test.each([
    ['an address that the hospital has not checked', { emailVerified: false }, 'unknown'],
    ['nobody of ours', { email: 'stranger@example.org' }, 'unknown'],
    ['words that the table does not know', { groups: ['domain-users'] }, 'no-role'],
    ['no words at all', { groups: [] }, 'no-role'],
  ])('is refused for %s', async (_, change, why) => {
    const nadia = await colleague('nurse', ['vigil-nurses'], mfa)
    const known = provider.people.find(({ sub }) => sub === nadia.sub)
    if (known) Object.assign(known, change)
    expect(await signIn(nadia.sub)).toBe(`/sign-in?notice=provider-${why}`)
    expect(token()).toBe('')
  })

  test('never lets a patient in, whatever the hospital says', async () => {
    const maria = await colleague('patient', ['vigil-nurses'], mfa)
    expect(await signIn(maria.sub)).toBe('/sign-in?notice=provider-unknown')
    expect(await roleOf(maria.accountId)).toBe('patient')
  })

  test('gives the role of the table and takes it back at the next sign-in', async () => {
    const omar = await colleague('nurse', ['vigil-clinicians'], mfa)
    expect(await signIn(omar.sub)).toBe('/care')
    expect(await roleOf(omar.accountId)).toBe('clinician')
    expect(await eventsOf(omar.accountId)).toContain('ROLE_CHANGED')
    const before = token()
    const known = provider.people.find(({ sub }) => sub === omar.sub)
    if (known) known.groups = []
    browser.current?.clear()
    expect(await signIn(omar.sub)).toBe('/sign-in?notice=provider-no-role')
    expect((await peekSession(before)).state).toBe('ended')
  })

  test('changes nobody’s role by a word that they added, or for want of one that they removed', async () => {
    const eva = await colleague('admin', ['eva-clinicians', 'eva-admins'], mfa)
    await appQuery("SELECT app.session_open($1, sha256('eva-token'), 'totp', NULL, NULL)", [eva.accountId])
    const asEva = (call: string, ...values: unknown[]) =>
      one(`SELECT app.${call}::text AS said`, ['eva-token', ...values])
    await asEva('role_claim_add($1, $2, $3)', 'eva-clinicians', 'clinician')
    expect(await signIn(eva.sub)).toBe('/sign-in?notice=provider-own-word')
    expect(await roleOf(eva.accountId)).toBe('admin')
    // control: the same word by somebody else counts
    await fresh()
    const { rows } = await cast.sql.superuser.query<{ id: string }>(
      "SELECT id FROM app.role_claim WHERE claim_value = 'eva-clinicians'",
    )
    await one('SELECT app.role_claim_remove($1, $2) AS said', [admin, rows[0]?.id])
    await one('SELECT app.role_claim_add($1, $2, $3) AS said', [admin, 'eva-clinicians', 'clinician'])
    expect(await signIn(eva.sub)).toBe('/care')
    expect(await roleOf(eva.accountId)).toBe('clinician')
  })

  test('asks for our own second factor where the hospital asked for one', async () => {
    const nadia = await colleague('nurse', ['vigil-nurses'], { amr: ['pwd'] })
    expect(await signIn(nadia.sub)).toBe('/second-factor')
    expect(token()).toBe('')
    expect(await signInWithSecondFactor('totp', '000000', client)).toMatchObject({ kind: 'wrong' })
    // without the ticket there is no password either: a code alone would open a session that the hospital cannot end
    const ticket = browser.current?.jar.get(cookieName('federation')) ?? ''
    browser.current?.jar.delete(cookieName('federation'))
    expect(await signInWithSecondFactor('totp', await nadia.code(-1), client)).toEqual({
      kind: 'start-again',
    })
    browser.current?.jar.set(cookieName('federation'), ticket)
    const outcome = await signInWithSecondFactor('totp', await nadia.code(), client)
    expect(outcome).toMatchObject({ kind: 'signed-in' })
  })

  test('anew, because something asks for a fresh second factor, makes it fresh', async () => {
    const nadia = await colleague('nurse', ['vigil-nurses'], mfa)
    expect(await signIn(nadia.sub, true)).toBe('/care')
    const session = await peekSession(token())
    const age = session.state === 'active' && session.serverNow.getTime() - session.secondFactorAt.getTime()
    expect(age).toBeLessThan(60_000)
  })

  test('who signed in at the hospital a while ago has no fresh second factor here', async () => {
    const nadia = await colleague('nurse', ['vigil-nurses'], mfa)
    const isOld = async (seconds: number | null) => {
      const [ticket, session] = [randomBytes(32), randomBytes(32)]
      const [row] = await appQuery<{ account_id: string }>(
        'SELECT * FROM app.federation_sign_in($1, $2, $3, $4, true, $5, NULL, $6, NULL)',
        [provider.issuer, hashOf(nadia.sub), await tokensOf(nadia), ['vigil-nurses'], seconds, ticket],
      )
      expect(row?.account_id).toBe(nadia.accountId)
      await appQuery("SELECT app.federated_session_open($1, $2, 'oidc', NULL, NULL)", [ticket, session])
      const { rows } = await cast.sql.superuser.query<{ old: boolean }>(
        "SELECT second_factor_at < app.now() - interval '9 minutes' AS old FROM app.session WHERE token_hash = $1",
        [session],
      )
      return rows[0]?.old
    }
    expect(await isOld(600)).toBe(true)
    // nor whose hospital does not say when
    expect(await isOld(null)).toBe(true)
    expect(await isOld(0)).toBe(false)
  })

  test('nor has shown everything by that and a code of ours; who has just been there has', async () => {
    const nadia = await colleague('nurse', ['vigil-nurses'], { amr: ['pwd'] })
    const proved = async (seconds: number | null) => {
      const [ticket, session] = [randomBytes(32), randomBytes(32).toString('base64url')]
      await appQuery('SELECT * FROM app.federation_sign_in($1, $2, $3, $4, false, $5, NULL, $6, NULL)', [
        provider.issuer, hashOf(nadia.sub), await tokensOf(nadia), ['vigil-nurses'], seconds, ticket,
      ]) // prettier-ignore
      await appQuery("SELECT app.federated_session_open($1, sha256(convert_to($2, 'UTF8')), 'totp', NULL, NULL)", [ticket, session]) // prettier-ignore
      return one('SELECT app.fully_proved($1)::text AS said', [session])
    }
    expect(await proved(600)).toBe('false')
    expect(await proved(null)).toBe('false')
    expect(await proved(20)).toBe('true')
  })

  test('a change of how they sign in leads who has a code and no password here to the hospital again', async () => {
    const nadia = await colleague('nurse', ['vigil-nurses'], { amr: ['pwd'] })
    const [ticket, sessionToken] = [randomBytes(32), randomBytes(32).toString('base64url')]
    await appQuery('SELECT * FROM app.federation_sign_in($1, $2, $3, $4, false, 600, NULL, $5, NULL)', [
      provider.issuer, hashOf(nadia.sub), await tokensOf(nadia), ['vigil-nurses'], ticket,
    ]) // prettier-ignore
    await appQuery("SELECT app.federated_session_open($1, sha256(convert_to($2, 'UTF8')), 'totp', NULL, NULL)", [ticket, sessionToken]) // prettier-ignore
    const actor = brandActor({ accountId: nadia.accountId, role: 'nurse', displayName: 'Nadia', sessionToken, clientIp: null }) // prettier-ignore
    const refusal = await stepUpFully(actor, new FormData(), 'code')
    expect(refusal).toMatchObject({ kind: 'refused', field: 'code-password', asksPassword: true })
    await cast.sql.superuser.query('UPDATE app.account SET password_hash = NULL WHERE id = $1', [
      nadia.accountId,
    ])
    const led = await stepUpFully(actor, new FormData(), 'code')
    expect(led).toMatchObject({ kind: 'refused', field: 'code', asksPassword: false })
    expect(led.kind === 'refused' && led.message).toContain('Confirm through your organization')
  })
})

describe('an answer', () => {
  test('works once, in the browser that asked, and with its own state', async () => {
    const nadia = await colleague('nurse', ['vigil-nurses'], mfa)
    const query = await comeBack(nadia.sub)
    const jar = new Map(browser.current?.jar)
    // login CSRF: the answer in a browser that asked for none
    browser.current = new FakeBrowser()
    expect(await finishSingleSignOn(query)).toBe('/sign-in?notice=provider-answer')
    for (const [name, value] of jar) browser.current.jar.set(name, value)
    expect(await finishSingleSignOn({ ...query, state: 'x' })).toBe('/sign-in?notice=provider-answer')
    for (const [name, value] of jar) browser.current.jar.set(name, value)
    expect(await finishSingleSignOn({ ...query, iss: 'https://other.example' })).toBe(
      '/sign-in?notice=provider-answer',
    )
    for (const [name, value] of jar) browser.current.jar.set(name, value)
    expect(await finishSingleSignOn(query)).toBe('/care')
    // replayed with the very cookies it came with
    browser.current = new FakeBrowser()
    for (const [name, value] of jar) browser.current.jar.set(name, value)
    expect(await finishSingleSignOn(query)).toBe('/sign-in?notice=provider-answer')
    expect(token()).toBe('')
  })

  test('that says no is said in words, and written down', async () => {
    expect(await finishSingleSignOn({ error: 'access_denied' })).toBe('/sign-in?notice=provider-declined')
    const { rows } = await cast.sql.superuser.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM audit.security_event_log WHERE event_type = 'FEDERATED_SIGN_IN_REFUSED' AND detail->>'reason' = 'declined'",
    )
    expect(rows[0]?.n).toBe(1)
  })

  test('a provider that is away stops nobody who has a way in of their own', async () => {
    const away = await startLoopbackServer(() => ({ status: 503 }))
    settings.current = settings.current && { ...settings.current, issuer: away.url }
    await expect(startSingleSignOn(false)).rejects.toThrow('identity provider')
    expect(await finishSingleSignOn({ code: 'x', state: 'y' })).toBe('/sign-in?notice=provider-away')
    await away.close()
  })
})

describe('a role that comes in through the hospital alone', () => {
  test('has no other way in, but for an emergency administrator', async () => {
    const nadia = await colleague('nurse', ['vigil-nurses'], mfa)
    await fresh()
    expect(await one('SELECT app.role_federation_set($1, $2, true) AS said', [admin, 'billing'])).toBe(
      'no-claim',
    )
    // nor while nobody has come in through the provider: there may be none
    const move = (days: number) =>
      cast.sql.superuser.query(
        `UPDATE app.session SET opened_at = opened_at + make_interval(days => $1) WHERE id IN (SELECT session_id FROM app.federated_session)`,
        [days],
      )
    expect(await signIn(nadia.sub)).toBe('/care')
    await move(-31)
    expect(await one('SELECT app.role_federation_set($1, $2, true) AS said', [admin, 'nurse'])).toBe(
      'no-provider',
    )
    await move(31)
    expect(await one('SELECT app.role_federation_set($1, $2, true) AS said', [admin, 'nurse'])).toBe('done')
    try {
      await expect(
        appQuery("SELECT app.session_open($1, sha256('a'), 'totp', NULL, NULL)", [nadia.accountId]),
      ).rejects.toThrow('through the provider')
      await expect(
        appQuery("SELECT app.session_open($1, sha256('a'), 'oidc', NULL, NULL)", [nadia.accountId]),
      ).rejects.toThrow('no word of the provider')
      expect(await signIn(nadia.sub)).toBe('/care')
    } finally {
      await one('SELECT app.role_federation_set($1, $2, false) AS said', [admin, 'nurse'])
    }
  })

  test('of administrators, only while one stays who needs no provider', async () => {
    const eva = await colleague('admin', ['vigil-admins'], mfa)
    await fresh()
    await one('SELECT app.role_claim_add($1, $2, $3) AS said', [admin, 'vigil-admins', 'admin'])
    const only = () => one('SELECT app.role_federation_set($1, $2, true) AS said', [admin, 'admin'])
    const mark = (id: string, on: boolean) =>
      one('SELECT app.emergency_administrator_set($1, $2, $3) AS said', [admin, id, on])
    expect(await only()).toBe('no-emergency')
    expect(await mark(cast.people.admin.accountId, true)).toBe('own')
    expect(await mark(eva.accountId, true)).toBe('done')
    expect(await only()).toBe('done')
    try {
      expect(await mark(eva.accountId, false)).toBe('last')
      await expect(appQuery('SELECT app.account_deactivate($1, $2)', [admin, eva.accountId])).rejects.toThrow(
        'last emergency',
      )
      // the hospital can neither sign her in nor change her, and her own way in stays open
      expect(await signIn(eva.sub)).toBe('/sign-in?notice=provider-local-only')
      await appQuery("SELECT app.session_open($1, sha256('eva'), 'totp', NULL, NULL)", [eva.accountId])
    } finally {
      expect(await one('SELECT app.role_federation_set($1, $2, false) AS said', [admin, 'admin'])).toBe(
        'done',
      )
      expect(await mark(eva.accountId, false)).toBe('done')
    }
  })
})

describe('signing out at the hospital', () => {
  test('ends the sessions that came from there on their next access, once per token', async () => {
    const nadia = await colleague('nurse', ['vigil-nurses'], mfa)
    await signIn(nadia.sub)
    const session = token()
    await provider.signOut(nadia.sub)
    const [logout = ''] = loggedOut
    expect(await takeLogoutToken(logout, client)).toEqual({ kind: 'ended', sessions: 1 })
    expect((await peekSession(session)).state).toBe('ended')
    expect(await takeLogoutToken(logout, client)).toEqual({ kind: 'refused' })
    expect(await eventsOf(nadia.accountId)).toContain('FEDERATED_LOGOUT')
  })
})

const hashOf = (text: string) => createHash('sha256').update(text).digest()
const tokensOf = async (person: Person) =>
  (await import('#lib/auth/account-secrets.ts')).emailTokens(person.email)
const one = async (text: string, values: unknown[]) =>
  (await appQuery<{ said: string }>(text, values))[0]?.said
