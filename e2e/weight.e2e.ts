import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext } from '@playwright/test'
import { addressOf, openPages } from './support/addresses.ts'
import { expect, test, watch, type Person } from './support/people.ts'
import { productUrl } from './support/product.ts'

// A portal is opened on old telephones. And what is sent to a browser is public: no part of the server may be in it.

/** What may be transferred; the account's pages, which everybody has, hold forms that ask for the second factor again. */
const limitBytes = { patient: 150_000, account: 155_000, staff: 170_000 }

const kindOf = (path: string, person: Person): keyof typeof limitBytes =>
  path.startsWith('/security') ? 'account' : person === 'maria' || person === 'daniel' ? 'patient' : 'staff'

/** One person who gets each page of a session, patients first: their pages have the tighter limit. */
const routes = openPages().flatMap(({ path, person }) =>
  person === null ? [] : [{ path, person, limit: limitBytes[kindOf(path, person)] }],
)

const kilo = (bytes: number): string => (bytes / 1000).toFixed(1)

test('scripts that each route transfers, and nothing from anywhere else', async ({ as, problems }) => {
  expect(routes.filter(({ limit }) => limit === limitBytes.patient).length).toBeGreaterThan(6)
  let largest = { patient: 0, account: 0, staff: 0 }
  for (const person of new Set(routes.map((route) => route.person))) {
    const context = (await as(person)).context()
    const own = routes.filter((one) => one.person === person)
    // in four tabs: half a second of quiet, after which nothing more comes, is most of what a page takes here
    const share = (tab: number) => own.filter((_, at) => at % 4 === tab)
    await Promise.all([0, 1, 2, 3].map((tab) => weigh(context, share(tab))))
  }
  process.stdout.write(
    `scripts per route, at most: patient ${kilo(largest.patient)}, account ${kilo(largest.account)}, staff ${kilo(largest.staff)} kB, ${routes.length} routes\n`,
  )

  async function weigh(context: BrowserContext, some: typeof routes): Promise<void> {
    const page = await context.newPage()
    watch(page, problems)
    const wire = await page.context().newCDPSession(page)
    await wire.send('Network.enable')
    await wire.send('Network.setCacheDisabled', { cacheDisabled: true })
    const scripts = new Set<string>()
    const elsewhere: string[] = []
    let bytes = 0
    wire.on('Network.requestWillBeSent', ({ request }) => {
      if (!request.url.startsWith(`${productUrl}/`) && !request.url.startsWith('data:')) elsewhere.push(request.url)
    }) // prettier-ignore
    wire.on(
      'Network.responseReceived',
      ({ requestId, type }) => void (type === 'Script' && scripts.add(requestId)),
    )
    wire.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      if (scripts.has(requestId)) bytes += encodedDataLength
    })
    for (const route of some) {
      scripts.clear()
      bytes = 0
      await page.goto(await addressOf(route.path), { waitUntil: 'networkidle' })
      expect(scripts.size, route.path).toBeGreaterThan(2)
      expect(bytes, `${route.path}: bytes of script`).toBeLessThanOrEqual(route.limit)
      expect(elsewhere, route.path).toEqual([])
      const kind = kindOf(route.path, route.person)
      largest = { ...largest, [kind]: Math.max(largest[kind], bytes) }
    }
  }
})

/** Words that stand in the server's code and nowhere else: SQL of the gate, the cipher, the keys, settings, a password check. */
const serverWords = [
  'audit.admit', 'app.session_actor', 'aes-256-gcm', 'phi1.', 'keyring', 'argon2', 'DATABASE_URL', 'KEYSTORE', 'vigil_app',
  'createCipheriv', 'SET LOCAL ROLE', 'node:crypto', 'phi_clinician',
] // prettier-ignore

const filesOf = (folder: string, ending: RegExp): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .map((name) => join(folder, name))

test('attack 56: no script that browsers get holds a word of the server’s code', () => {
  const scripts = filesOf('.next/static', /\.js$/)
  expect(scripts.length).toBeGreaterThan(5)
  const found = scripts.flatMap((script) => {
    const text = readFileSync(script, 'utf8')
    return serverWords.filter((word) => text.includes(word)).map((word) => `${script}: ${word}`)
  })
  expect(found).toEqual([])
  // the words are the right ones: the server's own bundles are full of them
  const server = filesOf('.next/server', /\.js$/).map((script) => readFileSync(script, 'utf8'))
  for (const word of ['audit.admit', 'aes-256-gcm', 'keyring', 'app.session_actor', 'createCipheriv'])
    expect(server.some((text) => text.includes(word)), word).toBe(true) // prettier-ignore
})

test('no map of the source is served, and no page carries the names of the server’s files', async ({ request }) => {
  expect(filesOf('.next/static', /\.map$/)).toEqual([])
  const page = await (await request.get('/sign-in')).text()
  expect(page).not.toMatch(/\/work\/|node_modules|lib\/(auth|phi|audit|keys)\//)
}) // prettier-ignore
