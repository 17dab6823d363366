import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { newInvitationCode } from '#lib/auth/invitation.ts'
import { doors } from '#lib/auth/limit/doors.ts'
import {
  FakeBrowser,
  makeSignInCast,
  password,
  type Person,
  type SignInCast,
} from '#lib/testing/sign-in-cast.ts'

/*
 * The way of one browser through the route handlers and the server's side of the pages, on a real database. Next's
 * request exists only while Next answers one, so its headers and cookies come from a FakeBrowser.
 */
const browser = vi.hoisted(() => ({ current: undefined as unknown }))
vi.mock('next/headers', () => ({
  headers: () => (browser.current as FakeBrowser).asNextHeaders().headers(),
  cookies: () => (browser.current as FakeBrowser).asNextHeaders().cookies(),
}))
process.env['__NEXT_EXPERIMENTAL_AUTH_INTERRUPTS'] = 'true'

const { startSignIn } = await import('#lib/auth/start-sign-in.ts')
const { finishSignIn } = await import('#lib/auth/finish-sign-in.ts')
const { requireActor } = await import('#lib/auth/require-actor.ts')
const { readSealed, writeSealed } = await import('#lib/auth/sealed-state.ts')
const { peekSession, raiseSession } = await import('#lib/auth/session.ts')
const { appQuery } = await import('#lib/db/app-database.ts')
const { stepUp } = await import('#lib/auth/step-up.ts')
const { stepUpFully } = await import('#lib/auth/step-up-fully.ts')
const { hasFreshSecondFactor } = await import('#lib/auth/second-factors.ts')
const { changePassword } = await import('#lib/auth/change-password.ts')
const { replaceRecoveryCodes } = await import('#lib/auth/replace-recovery-codes.ts')
const signOutRoute = await import('./route.ts')
const sessionOver = await import('../session-over/route.ts')
const touchRoute = await import('../api/session/touch/route.ts')
const peekRoute = await import('../api/session/peek/route.ts')
const nextAuthRoute = await import('../api/auth/[...nextauth]/route.ts')
const readyRoute = await import('../api/ready/route.ts')
const { accept } = await import('../(public)/accept-invite/actions.ts')

const cookie = 'vigil-session'
let cast: SignInCast
let mine: FakeBrowser
beforeAll(async () => {
  cast = await makeSignInCast()
})
afterAll(() => cast.close())
beforeEach(() => {
  mine = new FakeBrowser()
  browser.current = mine
})

const post = (path: string, body: BodyInit, headers: Record<string, string> = {}): Request => {
  const init = { host: 'localhost:3000', origin: 'http://localhost:3000', ...headers }
  return new Request(`http://localhost:3000${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...init },
  })
}
const signIn = async (person: Person): Promise<string> => {
  await startSignIn(person.email, password)
  const finished = await finishSignIn('totp', await person.code())
  expect(finished.kind).toBe('signed-in')
  return mine.jar.get(cookie) ?? ''
}
const formOf = (fields: Record<string, string>): FormData => {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  return form
}
/** Where Next is told to go: redirect() and forbidden() throw. */
const whereTo = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return 'it returned'
  } catch (error) {
    return error instanceof Error && 'digest' in error ? String(error.digest) : String(error)
  }
}

describe('signing in', () => {
  test('leaves one opaque HttpOnly cookie, whose worth is in the database', async () => {
    const nadia = await cast.addPerson('nurse')
    const token = await signIn(nadia)
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect([...mine.jar.keys()].toSorted((a, b) => a.localeCompare(b))).toEqual(['vigil-device', cookie])
    const set = mine.set.find(({ name }) => name === cookie)
    expect(set?.options).toEqual({ httpOnly: true, secure: false, sameSite: 'lax', path: '/' })
    expect(await peekSession(token)).toMatchObject({
      state: 'active',
      accountId: nadia.accountId,
      role: 'nurse',
    })
    expect((await cast.eventsOf(nadia.accountId)).at(-1)).toEqual({
      event: 'SESSION_OPENED',
      detail: { method: 'totp' },
    })
  })

  test('gives a new token each time and ends the session that the browser had', async () => {
    const nadia = await cast.addPerson('nurse')
    const first = await signIn(nadia)
    await cast.advanceClock(31)
    const second = await signIn(nadia)
    expect(second).not.toBe(first)
    expect((await peekSession(first)).state).toBe('ended')
  })

  test('without the first step there is no second one, also when the sealed cookie is forged or was made for another use', async () => {
    const nadia = await cast.addPerson('nurse')
    expect(await finishSignIn('totp', await nadia.code())).toEqual({ kind: 'start-again' })
    mine.jar.set('vigil-second-factor', 'Fe26.2*1*forged')
    expect(await finishSignIn('totp', await nadia.code())).toEqual({ kind: 'start-again' })
    // The remembered page names the account as well: it must not pass for a password that was shown.
    await writeSealed('return', { accountId: nadia.accountId, path: '/care' })
    mine.jar.set('vigil-second-factor', mine.jar.get('vigil-return') ?? '')
    expect(await finishSignIn('totp', await nadia.code())).toEqual({ kind: 'start-again' })
    expect(mine.jar.has(cookie)).toBe(false)
  })

  test('a wrong and a used code are said to be that, and nothing opens', async () => {
    const nadia = await cast.addPerson('nurse')
    await startSignIn(nadia.email, password)
    expect(await finishSignIn('totp', '000000')).toEqual({ kind: 'wrong' })
    expect(await finishSignIn('recovery-code', '00000-00000')).toEqual({ kind: 'wrong' })
    const code = await nadia.code()
    expect((await finishSignIn('totp', code)).kind).toBe('signed-in')
    await startSignIn(nadia.email, password)
    expect(await finishSignIn('totp', code)).toEqual({ kind: 'used' })
  })

  test('works over plain HTTP through next-auth too, and only with its token against forged forms', async () => {
    const nadia = await cast.addPerson('nurse')
    await startSignIn(nadia.email, password)
    const params = (nextauth: string[]) => ({ params: Promise.resolve({ nextauth }) })
    const csrf = await nextAuthRoute.GET(new Request('http://localhost:3000/api/auth/csrf'), params(['csrf']))
    const pair = csrf.headers.getSetCookie()[0]?.split(';')[0]?.split('=') ?? []
    mine.jar.set(pair[0] ?? '', decodeURIComponent(pair[1] ?? ''))
    const { csrfToken } = (await csrf.json()) as { csrfToken: string }
    const send = async (form: Record<string, string>, headers = {}) =>
      nextAuthRoute.POST(
        post('/api/auth/callback/second-factor', new URLSearchParams(form), headers),
        params(['callback', 'second-factor']),
      )
    const code = await nadia.code()
    expect((await send({ method: 'totp', code })).status).toBe(403)
    expect((await send({ csrfToken, method: 'totp', code }, { origin: 'https://evil.example' })).status).toBe(
      403,
    )
    expect((await send({ csrfToken, method: 'totp', code: '000000' })).status).toBe(401)
    const done = await send({ csrfToken, method: 'totp', code })
    expect([done.status, done.headers.get('location')]).toEqual([303, '/'])
    expect(done.headers.getSetCookie().join()).toMatch(
      /vigil-session=[A-Za-z0-9_-]{43};.*HttpOnly; SameSite=Lax/,
    )
    for (const closed of [['session'], ['signin'], ['signout'], ['providers'], ['error']])
      expect((await nextAuthRoute.GET(new Request('http://localhost:3000/'), params(closed))).status).toBe(
        404,
      )
    for (const closed of [['signout'], ['session'], ['_log'], ['signin', 'second-factor']])
      expect((await nextAuthRoute.POST(post('/', ''), params(closed))).status).toBe(404)
  })
})

describe('asking who it is', () => {
  test('gives the actor of the session, and 403 with an event for another role’s area', async () => {
    const nadia = await cast.addPerson('nurse')
    const token = await signIn(nadia)
    expect(await requireActor('care')).toMatchObject({
      accountId: nadia.accountId,
      role: 'nurse',
      sessionToken: token,
    })
    expect(await requireActor()).toMatchObject({ role: 'nurse' })
    for (const area of ['patient', 'billing', 'admin', 'compliance'] as const)
      expect(await whereTo(requireActor(area))).toBe('NEXT_HTTP_ERROR_FALLBACK;403')
    expect((await cast.eventsOf(nadia.accountId)).at(-1)).toEqual({
      event: 'AREA_REFUSED',
      detail: { area: 'compliance' },
    })
  })

  test('without a session sends the browser away with a sealed page to come back to', async () => {
    mine.headers.set('x-vigil-path', '/care/patients/7a3c1f3e-7a9e-4a0b-9f0e-1b2c3d4e5f60?_rsc=x1')
    const digest = await whereTo(requireActor('care'))
    expect(digest).toMatch(/^NEXT_REDIRECT;[a-z]+;\/session-over\?to=Fe26/)
    expect(digest).not.toContain('7a3c1f3e')
    const over = await sessionOver.GET(new Request(`http://localhost:3000${digest.split(';')[2]}`))
    expect([over.status, over.headers.get('location')]).toEqual([303, '/sign-in'])
    expect(await readSealed('return')).toEqual({
      accountId: null,
      path: '/care/patients/7a3c1f3e-7a9e-4a0b-9f0e-1b2c3d4e5f60',
    })
  })

  test('a session that went idle loses its cookie in a server’s answer, and the same person comes back to the page', async () => {
    const nadia = await cast.addPerson('nurse')
    await signIn(nadia)
    await cast.advanceClock(15 * 60 + 1)
    mine.headers.set('x-vigil-path', '/care/search')
    const digest = await whereTo(requireActor('care'))
    const over = await sessionOver.GET(new Request(`http://localhost:3000${digest.split(';')[2]}`))
    expect(over.headers.get('location')).toBe('/signed-out?reason=idle')
    expect(over.headers.get('clear-site-data')).toBe('"cache", "storage"')
    expect(mine.jar.has(cookie)).toBe(false)
    expect((await cast.eventsOf(nadia.accountId)).at(-1)).toEqual({
      event: 'SESSION_ENDED',
      detail: { reason: 'idle' },
    })
    const ines = await cast.addPerson('clinician')
    await startSignIn(ines.email, password)
    expect(await finishSignIn('totp', await ines.code())).toEqual({ kind: 'signed-in', path: '/care' })
    await writeSealed('return', { accountId: nadia.accountId, path: '/care/search' })
    await startSignIn(nadia.email, password)
    expect(await finishSignIn('totp', await nadia.code())).toEqual({
      kind: 'signed-in',
      path: '/care/search',
    })
  })

  test('a living session is not touched by /session-over', async () => {
    await signIn(await cast.addPerson('nurse'))
    const over = await sessionOver.GET(new Request('http://localhost:3000/session-over'))
    expect(over.headers.get('location')).toBe('/')
    expect(mine.jar.has(cookie)).toBe(true)
  })
})

describe('signing out', () => {
  test('ends the session in the database, deletes the cookies and clears what the browser keeps', async () => {
    const token = await signIn(await cast.addPerson('patient'))
    const answer = await signOutRoute.POST(post('/sign-out', ''))
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/signed-out?reason=sign-out'])
    expect(answer.headers.get('clear-site-data')).toBe('"cache", "storage"')
    expect(mine.set.filter(({ name }) => name === cookie).at(-1)).toMatchObject({
      value: '',
      options: { httpOnly: true, maxAge: 0 },
    })
    expect((await peekSession(token)).state).toBe('ended')
    expect((await signOutRoute.POST(post('/sign-out', ''))).status).toBe(303)
  })

  test.each([
    ['another site', { origin: 'https://evil.example' }],
    ['another port', { origin: 'http://localhost:4000' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['what the browser calls cross-site', { 'sec-fetch-site': 'cross-site' }],
  ])('is refused from %s, and so is touching', async (_, headers) => {
    const token = await signIn(await cast.addPerson('patient'))
    expect((await signOutRoute.POST(post('/sign-out', '', headers))).status).toBe(403)
    expect((await touchRoute.POST(post('/api/session/touch', '', headers))).status).toBe(403)
    expect((await peekSession(token)).state).toBe('active')
  })

  test('is refused to a request that does not say where it comes from', async () => {
    const silent = new Request('http://localhost:3000/sign-out', {
      method: 'POST',
      headers: { host: 'localhost:3000' },
    })
    expect((await signOutRoute.POST(silent)).status).toBe(403)
  })

  test('reads no more than a few kilobytes of ten megabytes, announced or not', async () => {
    const token = await signIn(await cast.addPerson('patient'))
    const announced = post('/sign-out', 'x'.repeat(10_000_000), { 'content-length': '10000000' })
    expect((await signOutRoute.POST(announced)).status).toBe(413)
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1
        controller.enqueue(new Uint8Array(1024).fill(120))
        if (pulled > 10_000) controller.close()
      },
    })
    const streamed = new Request('http://localhost:3000/sign-out', {
      method: 'POST',
      body: endless,
      headers: {
        host: 'localhost:3000',
        origin: 'http://localhost:3000',
        'content-type': 'application/x-www-form-urlencoded',
      },
      duplex: 'half',
    } as RequestInit)
    expect((await signOutRoute.POST(streamed)).status).toBe(413)
    expect(pulled).toBeLessThan(20)
    expect((await peekSession(token)).state).toBe('active')
  })
})

describe('a tab that asks', () => {
  test('is told the times, as numbers on the database’s clock, and only touching moves them', async () => {
    await signIn(await cast.addPerson('nurse'))
    const read = async (answer: Response) => (await answer.json()) as Record<string, number>
    const first = await read(await peekRoute.GET())
    expect((first['idleExpiresAt'] ?? 0) - (first['serverNow'] ?? 0)).toBeGreaterThan(14.9 * 60_000)
    await cast.advanceClock(600)
    const peeked = await peekRoute.GET()
    expect(peeked.headers.get('x-session-expires-at')).toBe(
      new Date(first['idleExpiresAt'] ?? 0).toISOString(),
    )
    expect((await read(peeked))['idleExpiresAt']).toBe(first['idleExpiresAt'])
    const touched = await read(await touchRoute.POST(post('/api/session/touch', '')))
    expect(touched['idleExpiresAt']).toBeGreaterThan((first['idleExpiresAt'] ?? 0) + 599_000)
  })

  test('is told 401 and why when the session is over, or was never there', async () => {
    expect((await peekRoute.GET()).status).toBe(401)
    mine.jar.set(cookie, 'not a token')
    expect((await touchRoute.POST(post('/api/session/touch', ''))).status).toBe(401)
    await signIn(await cast.addPerson('nurse'))
    await cast.advanceClock(15 * 60 + 1)
    const dead = await touchRoute.POST(post('/api/session/touch', ''))
    expect([dead.status, await dead.json()]).toEqual([401, { state: 'idle' }])
  })
})

describe('what changes how somebody signs in', () => {
  test('wants a second factor of the last five minutes, and the present password', async () => {
    const maria = await cast.addPerson('patient')
    await signIn(maria)
    const stale = await requireActor('patient')
    const withCode = (code: string) => stepUp(stale, formOf({ code }), 'code')
    expect(await withCode('')).toEqual({ kind: 'fresh', actor: stale })
    await cast.advanceClock(5 * 60 + 1)
    const asks = { code: true, passkey: false }
    expect(await withCode('')).toMatchObject({ kind: 'refused', asks })
    expect(await replaceRecoveryCodes(stale)).toBe(false)
    const change = async ({ sessionToken }: typeof stale) =>
      (await appQuery<{ done: boolean }>("SELECT app.password_change($1, '$argon2id$new') AS done", [sessionToken]))[0]?.done // prettier-ignore
    expect(await change(stale)).toBe(false)
    expect(await withCode('000000')).toMatchObject({
      kind: 'refused',
      asks,
      message: expect.stringContaining('not right') as string,
    })
    const raised = await withCode(await maria.code())
    if (raised.kind !== 'fresh') throw new Error(raised.message)
    const { actor } = raised
    expect(await changePassword(actor, 'not the password', 'nine louder herons')).toEqual({
      kind: 'wrong-current',
    })
    expect(await changePassword(actor, password, 'Password1234')).toEqual({
      kind: 'refused',
      fault: 'common',
    })
    // A code alone does not change how somebody signs in: the password is asked for as well.
    expect(await replaceRecoveryCodes(actor)).toBe(false)
    expect(await change(actor)).toBe(false)
    const fully = (fields: Record<string, string>) => stepUpFully(actor, formOf(fields), 'code')
    expect(await fully({})).toMatchObject({ kind: 'refused', field: 'code-password', asksPassword: true })
    expect(await fully({ 'code-password': 'not the password' })).toMatchObject({
      kind: 'refused',
      field: 'code-password',
      message: 'This is not your password',
    })
    expect(await fully({ 'code-password': password })).toEqual({ kind: 'fresh', actor })
    expect(await replaceRecoveryCodes(actor)).toBe(true)
    expect(await change(actor)).toBe(true)
    expect((await readSealed('recovery-codes'))?.codes).toHaveLength(10)
  })

  test('gives the session another token, and the one before is worth nothing, at the door and over SQL', async () => {
    const nadia = await cast.addPerson('nurse')
    const before = await signIn(nadia)
    await cast.advanceClock(5 * 60 + 1)
    const old = await requireActor('care')
    const raised = await stepUp(old, formOf({ code: await nadia.code() }), 'code')
    const after = mine.jar.get(cookie) ?? ''
    expect(raised).toMatchObject({ kind: 'fresh', actor: { sessionToken: after } })
    expect(after).not.toBe(before)
    expect((await requireActor('care')).sessionToken).toBe(after)
    expect(await hasFreshSecondFactor({ ...old, sessionToken: after })).toBe(true)
    // For ten seconds another tab's request may still be on its way: it is let through, but proves nothing and raises nothing.
    expect((await peekSession(before)).state).toBe('active')
    expect(await hasFreshSecondFactor(old)).toBe(false)
    expect(await replaceRecoveryCodes(old)).toBe(false)
    expect(await raiseSession(before, 'totp')).toBeNull()
    await cast.advanceClock(11)
    expect((await peekSession(before)).state).toBe('unknown')
    expect(await cast.sql.app.query('SELECT state FROM app.session_actor($1)', [before])).toMatchObject({
      rows: [{ state: 'unknown' }],
    })
    mine.jar.set(cookie, before)
    expect(await whereTo(requireActor('care'))).toContain('/session-over')
    expect((await peekSession(after)).state).toBe('active')
  })

  test('a token that was planted before signing in is not the one that is signed in', async () => {
    const planted = 'A'.repeat(43)
    mine.jar.set(cookie, planted)
    const token = await signIn(await cast.addPerson('nurse'))
    expect(token).not.toBe(planted)
    expect((await peekSession(planted)).state).toBe('unknown')
  })

  test('a new password ends the other sessions and takes the place of the old one', async () => {
    const maria = await cast.addPerson('patient')
    const elsewhere = await signIn(maria)
    mine.clear()
    await cast.advanceClock(31)
    await signIn(maria)
    const actor = await requireActor('patient')
    expect(await changePassword(actor, password, 'nine louder herons')).toEqual({ kind: 'changed' })
    expect((await peekSession(elsewhere)).state).toBe('ended')
    expect((await peekSession(actor.sessionToken)).state).toBe('active')
    expect(await startSignIn(maria.email, password)).toEqual({ kind: 'wrong' })
    expect(await startSignIn(maria.email, 'nine louder herons')).toEqual({
      kind: 'go-on',
      path: '/second-factor',
    })
  })
})

test('readiness names every part', async () => {
  const answer = await readyRoute.GET()
  // Nothing seals here, and how long entries have waited depends on when the databases were made.
  expect([answer.status, await answer.json()]).toEqual([
    200,
    {
      status: 'ready',
      database: 'ok',
      keys: 'ok',
      sealer: expect.stringMatching(/^(ok|stale)$/),
      worker: expect.any(String),
      partitions: 'ok',
    },
  ])
})

describe('an invitation', () => {
  test('is not guessed faster than the limit, and the answer is the same for every wrong code', async () => {
    const answers: string[] = []
    for (let turn = 0; turn < doors.invitation.address + 3; turn += 1) {
      const form = new FormData()
      form.set('invitation', newInvitationCode())
      form.set('password', 'seven quiet otters')
      const { errors } = await accept({ errors: [], code: '' }, form)
      answers.push(errors[0]?.message ?? 'taken')
    }
    expect(new Set(answers.slice(0, doors.invitation.address + 1)).size).toBe(1)
    expect(answers.slice(doors.invitation.address + 1)).toEqual(answers.slice(-2))
    expect(answers.at(-1)).toContain('too many like it were tried')
    expect(answers[0]).toContain('does not work')
  })
})
