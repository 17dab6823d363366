import { ask, type Reply } from './support/ask.ts'
import { rows } from './support/database.ts'
import { changedTables, footprint } from './support/footprint.ts'
import {
  accountIdOf,
  accountOf,
  codeOf,
  expect,
  forgetCodesOf,
  sessionOf,
  test,
  type Person,
} from './support/people.ts'
import { PlainBrowser } from './support/plain-browser.ts'
import { productUrl } from './support/product.ts'
import { actionCall, largePart, serverActions } from './support/server-actions.ts'

// What somebody without a session tries who knows how such portals are made. Plain requests: a browser's comforts would hide
// what these look at.

test.describe.configure({ mode: 'serial' })

const own = new URL(productUrl)
const evil = 'https://evil.example'

async function shownPassword(person: Person): Promise<PlainBrowser> {
  const browser = new PlainBrowser()
  const { email, password } = accountOf(person)
  const reply = await browser.submit('/sign-in', { email, password })
  expect([reply.status, reply.headers.location]).toEqual([303, '/second-factor'])
  return browser
}

const openSessions = async (person: Person): Promise<number> =>
  Number(
    (
      await rows<{ n: string }>(
        `SELECT count(*) AS n FROM app.session s JOIN app.account a ON a.id = s.account_id WHERE a.display_name = $1 AND s.ended_at IS NULL`,
        [accountOf(person).name],
      )
    )[0]?.n,
  )
const isAlive = async (token: string): Promise<boolean> =>
  (await ask('/api/session/peek', { token })).status === 200

/** Where an answer sends a browser: a path of our own, or it is said here. */
function leadsAway({ headers }: Reply): string | null {
  const { location } = headers
  if (location === undefined) return null
  const url = new URL(location, productUrl)
  return url.host === own.host && !location.includes('evil') ? null : location
}

test('attack 63: an address that exists and one that does not get the same answer, to the byte', async () => {
  const answers = []
  for (const email of [accountOf('siobhan').email, 'siobhan.nobody@mail.example']) {
    const { status, headers, body } = await new PlainBrowser().submit('/sign-in', { email, password: 'seven loud otters' }) // prettier-ignore
    const same = (text: string) =>
      text.replaceAll(email, 'EMAIL').replace(/[A-Za-z0-9+/]{24}(?=['"\\])/g, 'NONCE')
    const { date: _, ...kept } = headers
    answers.push({
      status,
      headers: same(JSON.stringify(kept)),
      body: same(body).replace(/k[0-9a-f]{32}/g, 'KEY'),
    })
  }
  expect(answers[0]?.body).toContain('is not right')
  expect(answers[1]).toEqual(answers[0])
})

test('attack 65: a session that was planted before signing in is worth nothing after it', async () => {
  const planted = 'A'.repeat(43)
  const former = await sessionOf('ben')
  for (const token of [planted, former]) {
    const browser = await shownPassword('tomasz')
    browser.jar.set('vigil-session', token)
    await rows('UPDATE app.account SET totp_last_step = 0 WHERE display_name = $1', [
      accountOf('tomasz').name,
    ])
    const reply = await browser.secondStep({ method: 'totp', code: await codeOf('tomasz') })
    expect([reply.status, reply.headers.location]).toEqual([303, '/'])
    const opened = browser.jar.get('vigil-session') ?? ''
    expect(opened).not.toBe(token)
    expect([await isAlive(opened), await isAlive(token)]).toEqual([true, false])
  }
})

test('attack 66: a sign-in that is sent again word for word opens nothing', async () => {
  const browser = await shownPassword('tomasz')
  const csrf = JSON.parse((await browser.get('/api/auth/csrf')).body) as { csrfToken: string }
  await rows('UPDATE app.account SET totp_last_step = 0 WHERE display_name = $1', [accountOf('tomasz').name])
  const copied = new Map(browser.jar)
  const body = { csrfToken: csrf.csrfToken, method: 'totp', code: await codeOf('tomasz') }
  const send = (from: PlainBrowser) =>
    from.post('/api/auth/callback/second-factor', body, { origin: productUrl })
  expect((await send(browser)).status).toBe(303)
  const before = await openSessions('tomasz')
  const thief = new PlainBrowser()
  for (const [name, value] of copied) thief.jar.set(name, value)
  const again = await send(thief)
  expect([again.status, JSON.parse(again.body)]).toEqual([401, { error: 'used' }])
  expect(thief.jar.has('vigil-session')).toBe(false)
  expect(await openSessions('tomasz')).toBe(before)
})

test('attack 67: another site’s form neither signs in nor takes the second step', async () => {
  const foreign: Record<string, string>[] = [
    { origin: evil },
    { origin: 'null' },
    { origin: productUrl, 'sec-fetch-site': 'cross-site' },
    { origin: productUrl, 'sec-fetch-site': 'same-site' },
    { origin: evil, 'x-forwarded-host': 'evil.example' },
    { origin: `${productUrl}.evil.example` },
  ]
  const { email, password } = accountOf('tomasz')
  for (const headers of foreign) {
    const browser = new PlainBrowser()
    const reply = await browser.submit('/sign-in', { email, password }, headers)
    expect([reply.status, browser.jar.size], JSON.stringify(headers)).toEqual([403, 0])
  }
  const browser = await shownPassword('tomasz')
  const code = { method: 'totp', code: await codeOf('tomasz') }
  // a program says neither where it comes from nor that it is a page of ours
  for (const headers of [...foreign, {}])
    expect((await browser.secondStep(code, headers)).status, JSON.stringify(headers)).toBe(403)
  // and the token that goes with the cookie is asked for besides
  for (const csrfToken of ['', 'x', '0'.repeat(64)]) {
    const reply = await browser.post('/api/auth/callback/second-factor', { ...code, csrfToken }, { origin: productUrl }) // prettier-ignore
    expect([reply.status, browser.jar.has('vigil-session')]).toEqual([403, false])
  }
})

test('attack 68: nothing that is said on the way in leads to another site', async () => {
  const ends = [evil, '//evil.example', '/\\evil.example', 'https:evil.example', '/%5cevil.example', `${productUrl}@evil.example`, 'javascript:alert(1)', '/sign-in/..//evil.example'] // prettier-ignore
  const names = ['to', 'callbackUrl', 'next', 'return', 'returnTo', 'redirect', 'url']
  for (const end of ends) {
    const query = names.map((name) => `${name}=${encodeURIComponent(end)}`).join('&')
    for (const path of ['/', '/home', '/sign-in', '/second-factor', '/session-over', '/signed-out', '/recover', '/enrol', '/accept-invite']) {
      const reply = await ask(`${path}?${query}`)
      expect(leadsAway(reply), `${path} with ${end}`).toBeNull()
    } // prettier-ignore
  }
  const browser = await shownPassword('tomasz')
  await rows('UPDATE app.account SET totp_last_step = 0 WHERE display_name = $1', [accountOf('tomasz').name])
  const reply = await browser.secondStep({
    method: 'totp',
    code: await codeOf('tomasz'),
    callbackUrl: evil,
    redirect: evil,
    json: 'true',
  })
  expect([reply.status, reply.headers.location]).toEqual([303, '/'])
  for (const [name, value] of browser.jar) expect(decodeURIComponent(value), name).not.toContain('evil')
})

test('attack 69: no page can be put into a frame of another page', async ({ page }) => {
  await page.setContent(
    `<iframe id="control" srcdoc="<h1>Sign in</h1>"></iframe><iframe id="ours" src="${productUrl}/sign-in"></iframe>`,
  )
  await expect(page.frameLocator('#control').getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await expect.poll(() => page.frames().some((frame) => frame.url().startsWith('chrome-error:'))).toBe(true)
  await expect(page.frameLocator('#ours').getByRole('heading', { name: 'Sign in' })).toHaveCount(0)
})

test('attack 70: a made-up host stands in no answer', async () => {
  const hosts: Record<string, string>[] = [
    { host: 'evil.example' },
    { 'x-forwarded-host': 'evil.example' },
    { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    { forwarded: 'host=evil.example;proto=https' },
    { 'x-host': 'evil.example', 'x-original-url': '/admin', 'x-rewrite-url': '/admin' },
  ]
  for (const headers of hosts)
    for (const path of ['/', '/home', '/sign-in', '/second-factor', '/session-over', '/recover', '/api/auth/csrf', '/no-such-page']) {
      const reply = await ask(path, { headers })
      const text = JSON.stringify(reply.headers) + reply.body
      expect(text.includes('evil.example'), `${path} with ${JSON.stringify(headers)}`).toBe(false)
    } // prettier-ignore
})

test('attack 71: of next-auth’s addresses two answer, and neither takes what it is not meant to', async () => {
  const closed = [
    'signin', 'signin/second-factor', 'signout', 'session', 'providers', 'error', 'verify-request', '_log', 'callback', 'callback/credentials',
    'callback/email', 'callback/second-factor/', 'callback/second-factor/x', 'csrf/', 'CSRF', 'csrf/x', 'csrf/..%2fsession', '.', '..', '%00',
  ] // prettier-ignore
  for (const segment of closed)
    for (const method of ['GET', 'POST', 'PUT', 'DELETE'] as const) {
      const reply = await ask(`/api/auth/${segment}`, { method, headers: { origin: productUrl } })
      const what = `${method} ${segment} (${reply.status})`
      // an address with a slash too many is led to the one without, which is asked on its own
      expect([308, 400, 404, 405].includes(reply.status), what).toBe(true)
      expect(reply.headers['set-cookie'], what).toBeUndefined()
    }
  expect((await ask('/api/auth/callback/second-factor')).status).toBe(404)
  // whatever else is sent along, a session is opened by a second factor alone
  const browser = await shownPassword('tomasz')
  for (const fields of [
    { method: 'totp', code: '' },
    { method: 'enrolment', code: '000000' },
    { method: 'passkey', code: '{}' },
    { method: 'service', code: await codeOf('tomasz') },
    { method: '__proto__', code: await codeOf('tomasz') },
    { method: 'totp', code: 'x'.repeat(4000) },
    { code: '000000', method: 'totp', id: 'x', sessionToken: 'A'.repeat(43), user: 'x', email: 'x' },
  ] as Record<string, string>[]) {
    const reply = await browser.secondStep(fields)
    expect(reply.status, JSON.stringify(fields).slice(0, 80)).toBe(401)
    expect(browser.jar.has('vigil-session')).toBe(false)
  }
})

test('attack 72: an address that the client made up is not believed', async () => {
  const forged = { 'x-forwarded-for': '203.0.113.99', forwarded: 'for=203.0.113.99', 'x-real-ip': '203.0.113.99', 'x-vigil-client-address': 'key 203.0.113.99' } // prettier-ignore
  await new PlainBrowser().submit(
    '/sign-in',
    { email: 'forged@mail.example', password: 'seven loud otters' },
    forged,
  )
  const [last] = await rows<{ ip: string }>(
    `SELECT host(client_ip) AS ip FROM audit.security_event_log WHERE event_type = 'SIGN_IN_FAILED' ORDER BY seq DESC LIMIT 1`,
  )
  expect(['127.0.0.1', '::1']).toContain(last?.ip)
})

test('attack 73: what was sealed for one step opens no other', async () => {
  const browser = await shownPassword('tomasz')
  const sealed = browser.jar.get('vigil-second-factor') ?? ''
  expect(sealed.length).toBeGreaterThan(50)
  for (const name of ['session', 'enrolment', 'recovery-codes', 'passkey', 'return', 'device', 'csrf', 'recovery']) {
    const other = new PlainBrowser()
    other.jar.set(`vigil-${name}`, sealed)
    for (const path of ['/enrol', '/recovery-codes', '/recovery-codes/file', '/second-factor', '/security']) {
      const reply = await other.get(path)
      expect([302, 303, 307], `${name} at ${path} (${reply.status})`).toContain(reply.status)
    }
  } // prettier-ignore
  // the control: under its own name it is what the second step begins with
  expect((await browser.get('/second-factor')).status).toBe(200)
  // and a piece of it, or one with a letter changed, is nothing
  const middle = Math.floor(sealed.length / 2)
  const changed = sealed.slice(0, middle) + (sealed[middle] === 'a' ? 'b' : 'a') + sealed.slice(middle + 1)
  for (const damaged of [sealed.slice(0, middle), changed, changed.replaceAll('*', '.'), '']) {
    const other = new PlainBrowser()
    if (damaged !== '') other.jar.set('vigil-second-factor', damaged)
    expect((await other.get('/second-factor')).status).toBe(307)
  } // prettier-ignore
})

test('10 MB at every action that needs no session: refused, and nothing is written', async () => {
  const open = serverActions().filter(({ file }) => file.includes('app/(public)/'))
  expect(open.length).toBeGreaterThan(8)
  const before = await footprint()
  for (const { id, file, name, pages } of open) {
    const path = (pages[0] ?? '')
      .replace(/^app/, '')
      .replaceAll(/\/\([^)]*\)/g, '')
      .replace(/\/page$/, '')
    const { headers, body: rest } = actionCall(id)
    const body = largePart() + rest
    const reply = await ask(path, {
      method: 'POST',
      headers: { origin: productUrl, ...headers },
      body,
    }).catch(
      // the server hangs up on the one who goes on sending
      () => ({ status: 413 }),
    )
    expect([400, 413], `${file} ${name} at ${path}: ${reply.status}`).toContain(reply.status)
  }
  expect(changedTables(before, await footprint())).toEqual([])
})

test('an administrator sees who was not let in, and lets a colleague try again who was shut out by it', async ({
  as,
}) => {
  const tomasz = await accountIdOf('tomasz')
  await rows(
    `SELECT app.sign_in_failed(ARRAY[coalesce(a.email_token, a.email_token_even)], '{}', '198.51.100.7', 'password')
       FROM app.account a, generate_series(1, 90) WHERE a.id = $1`,
    [tomasz],
  )
  const page = await as('ada')
  await rows(
    `UPDATE app.session SET second_factor_at = app.now() - interval '10 minutes' WHERE account_id = $1`,
    [await accountIdOf('ada')],
  )
  await page.goto('/admin/security')
  await expect(page.getByRole('row', { name: /198\.51\.100\.0\/24/ })).toBeVisible()
  const row = page.getByRole('row').filter({ hasText: accountOf('tomasz').name })
  await expect(row).toContainText('Shut for browsers that are not known')
  await row.getByRole('button', { name: 'Unlock' }).click()
  await forgetCodesOf('ada')
  await row.getByLabel('One-time code').fill(await codeOf('ada'))
  await row.getByRole('button', { name: 'Unlock' }).click()
  await expect(row).toHaveCount(0)
  const [event] = await rows<{ event_type: string }>(
    'SELECT event_type FROM audit.security_event_log WHERE subject_account_id = $1 ORDER BY seq DESC LIMIT 1',
    [tomasz],
  )
  expect(event?.event_type).toBe('ACCOUNT_UNLOCKED')
})
