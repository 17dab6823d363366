import { expect, test } from '@playwright/test'
import { doors } from './doors.ts'
import { addressOf, personOf } from './support/addresses.ts'
import { ask, type Reply } from './support/ask.ts'
import { rows } from './support/database.ts'
import { inParallel } from './support/in-parallel.ts'
import { sessionOf, type Person } from './support/people.ts'
import { recordIds } from './support/records.ts'

// Whatever answers, answers with the same safeguards: pages, refusals, errors, files and routes.

const tokens = new Map<Person, string>()
let looked = 0

test.beforeAll(async () => {
  for (const person of Object.values(personOf)) tokens.set(person, await sessionOf(person))
})
test.afterAll(() => {
  process.stdout.write(`headers: ${looked} answers looked at\n`)
})

/** What is wrong with the headers of an answer: empty when nothing is. */
function faultsOf({ headers }: Pick<Reply, 'headers'>): string[] {
  const policy = String(headers['content-security-policy'] ?? '')
  const directive = (name: string): string =>
    policy.split('; ').find((part) => part.startsWith(`${name} `)) ?? ''
  const faults: string[] = []
  const want = (holds: boolean, fault: string) => {
    if (!holds) faults.push(fault)
  }
  want(/'nonce-[A-Za-z0-9+/=]{20,}'/.test(directive('script-src')), 'scripts run without a nonce')
  want(/'nonce-[A-Za-z0-9+/=]{20,}'/.test(directive('style-src')), 'styles apply without a nonce')
  want(!/unsafe-(inline|eval|hashes)/.test(policy), 'something unsafe is allowed')
  want(directive('default-src') === "default-src 'none'", 'the default is not nothing')
  for (const name of ['frame-ancestors', 'base-uri', 'object-src'])
    want(directive(name) === `${name} 'none'`, `${name} is open`)
  want(directive('form-action') === "form-action 'self'", 'forms may go elsewhere')
  want(directive('connect-src') === "connect-src 'self'", 'requests may go elsewhere')
  want(headers['x-content-type-options'] === 'nosniff', 'types are guessed')
  want(headers['x-frame-options'] === 'DENY', 'old browsers may frame it')
  want(headers['referrer-policy'] === 'same-origin', 'other sites hear the address')
  want(headers['cross-origin-opener-policy'] === 'same-origin', 'another window keeps a handle')
  want(headers['cross-origin-resource-policy'] === 'same-origin', 'another site may embed it')
  want(/camera=\(\).*geolocation=\(\)/.test(String(headers['permissions-policy'])), 'devices are open')
  want(headers['x-powered-by'] === undefined, 'it says what it is made with')
  want(headers['access-control-allow-origin'] === undefined, 'other origins may read it')
  want(String(headers['cache-control']).includes('no-store'), 'it may be kept')
  return faults
}

test('every door, as everybody', async () => {
  const questions = doors.flatMap(({ path, methods, answers }) =>
    methods.flatMap((method) =>
      (Object.keys(answers) as (keyof typeof answers)[]).map((who) => ({ path, method, who })),
    ),
  )
  await inParallel(questions, 6, async ({ path, method, who }) => {
    const token = who === 'nobody' ? undefined : tokens.get(personOf[who])
    const reply = await ask(await addressOf(path), { token, method, keepAlive: true })
    looked++
    expect(faultsOf(reply), `${method} ${path} as ${who} (${reply.status})`).toEqual([])
  })
})

test('errors, refusals, routes that only take a POST, and files', async () => {
  const { stranger } = await recordIds()
  const cases: { path: string; method?: string; token?: string | undefined; headers?: Record<string, string>; status: number[] }[] = [
    { path: '/no-such-page', status: [404] },
    { path: '/care/patients/nonsense', token: tokens.get('nadia'), status: [404] },
    { path: `/care/patients/${stranger}`, token: tokens.get('nadia'), status: [404] },
    { path: '/admin', token: tokens.get('nadia'), status: [403] },
    { path: '/home', token: 'not-a-token', status: [307] },
    { path: '/%', status: [400, 404] },
    { path: '/sign-out', method: 'POST', token: tokens.get('daniel'), headers: { origin: 'https://evil.example' }, status: [403] },
    { path: '/sign-out', status: [405] },
    { path: '/session-over', status: [303] },
    { path: '/api/session/peek', status: [401] },
    { path: '/api/session/peek', token: tokens.get('nadia'), status: [200] },
    { path: '/api/session/touch', method: 'POST', token: tokens.get('nadia'), headers: { origin: 'https://evil.example' }, status: [403] },
    { path: '/care', method: 'PUT', token: tokens.get('nadia'), status: [405, 400, 404, 200] },
    { path: '/favicon.ico', status: [200, 404] },
  ] // prettier-ignore
  for (const { path, status, ...how } of cases) {
    const reply = await ask(path, how)
    looked++
    expect(status, `${how.method ?? 'GET'} ${path} (${reply.status})`).toContain(reply.status)
    // an address that is not one is answered before any of our code runs: with nothing in it
    if (path === '/%' && reply.status === 400) continue
    expect(faultsOf(reply), `${how.method ?? 'GET'} ${path} (${reply.status})`).toEqual([])
  }
})

test('a page that fails says so with the same headers', async () => {
  // a real fault: the gate cannot be called for a moment
  const arguments_ = (
    await rows<{ name: string }>(
      `SELECT p.oid::regprocedure::text AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'audit' AND p.proname IN ('admit', 'my_records') AND has_function_privilege('vigil_app', p.oid, 'EXECUTE')`,
    )
  ).map(({ name }) => name)
  expect(arguments_.length).toBeGreaterThan(0)
  for (const name of arguments_) await rows(`REVOKE EXECUTE ON FUNCTION ${name} FROM vigil_app`)
  try {
    const reply = await ask('/summary', { token: tokens.get('maria') })
    looked++
    expect(reply.status).toBeGreaterThanOrEqual(500)
    expect(faultsOf(reply)).toEqual([])
  } finally {
    for (const name of arguments_) await rows(`GRANT EXECUTE ON FUNCTION ${name} TO vigil_app`)
  }
  expect((await ask('/summary', { token: tokens.get('maria') })).status).toBe(200)
})

test('scripts and styles of the build are what they say they are, for this site alone, and may be kept', async () => {
  const { body } = await ask('/sign-in')
  const files = [...new Set([...body.matchAll(/\/_next\/static\/[\w\-./~]+/g)].map(([path]) => path))]
  expect(files.length).toBeGreaterThan(3)
  for (const file of files) {
    const { status, headers } = await ask(file)
    looked++
    expect(status, file).toBe(200)
    expect(headers['x-content-type-options'], file).toBe('nosniff')
    expect(headers['cross-origin-resource-policy'], file).toBe('same-origin')
    expect(headers['cache-control'], file).toContain('immutable')
    expect(headers['content-type'], file).toMatch(/javascript|css|font/)
  }
  // an address that only begins like one of them is a page like any other, or nothing
  for (const path of ['/_next/static/../../home', '/_next/static/%2e%2e/%2e%2e/home', '/_next/static/..%2f..%2fhome', '/_next/static', '/_next/static/no.js']) {
    const reply = await ask(path, { token: tokens.get('maria') })
    if (reply.headers['content-type']?.includes('html')) expect(faultsOf(reply), path).toEqual([])
    else expect([reply.status, reply.body.length < 200], path).toEqual([404, true])
  }
}) // prettier-ignore

test('each answer has a nonce of its own, and every script in it has that one', async () => {
  const nonces = new Set<string>()
  for (let i = 0; i < 5; i++) {
    const reply = await ask('/home', { token: tokens.get('maria') })
    const nonce = /'nonce-([^']+)'/.exec(String(reply.headers['content-security-policy']))?.[1] ?? ''
    nonces.add(nonce)
    const scripts = [...reply.body.matchAll(/<script\b[^>]*>/g)].map(([tag]) => tag)
    expect(scripts.length).toBeGreaterThan(2)
    for (const tag of scripts) expect(tag).toContain(`nonce="${nonce}"`)
    expect(reply.body).not.toMatch(/<[^>]+\sstyle="/)
    expect(reply.body).not.toMatch(/<[^>]+\son[a-z]+="/)
  }
  expect(nonces.size).toBe(5)
})

test('the check would notice: answers without one of them are found', () => {
  const bare = faultsOf({ headers: {} })
  expect(bare.length).toBeGreaterThan(10)
  const loose = faultsOf({
    headers: { 'content-security-policy': "default-src 'self'; script-src 'self' 'unsafe-inline'" },
  })
  expect(loose).toContain('something unsafe is allowed')
  expect(loose).toContain('scripts run without a nonce')
})
