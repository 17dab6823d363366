import type { BrowserContext, Page } from '@playwright/test'
import { canaries, ask } from './support/ask.ts'
import { rows, vigil } from './support/database.ts'
import { accountIdOf, become, expect, sessionOf, signIn, test, watch } from './support/people.ts'
import { productUrl } from './support/product.ts'
import { recordIds } from './support/records.ts'

// How a session ends. The clock of the demo only goes forward, for everybody at once: this file runs last, hence its name.

test.describe.configure({ mode: 'serial' })

const idleMilliseconds = 15 * 60_000
const warningMilliseconds = 2 * 60_000

/** Moves the server's clock and the clock of every tab. */
async function pass(context: BrowserContext, time: string, milliseconds: number): Promise<void> {
  vigil('demo', 'clock', 'advance', time)
  await context.clock.fastForward(milliseconds)
}

const question = (page: Page) => page.getByRole('dialog', { name: 'Are you still there?' })

/** When the session ends, in milliseconds from now, as the server says without counting it as a use. */
const leftOf = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const times = (await (await fetch('/api/session/peek')).json()) as { idleExpiresAt: number; serverNow: number }
    return times.idleExpiresAt - times.serverNow
  }) // prettier-ignore

/** What a browser holds of this site after a session: nothing, but cookies that no script can read. */
async function expectNothingKept(context: BrowserContext, page: Page): Promise<void> {
  const kept = await page.evaluate(async () => ({
    local: { ...localStorage },
    session: { ...sessionStorage },
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: 'caches' in globalThis ? await caches.keys() : [],
    workers: (await navigator.serviceWorker?.getRegistrations())?.length ?? 0,
    cookie: document.cookie,
  }))
  expect(kept).toEqual({ local: {}, session: {}, databases: [], caches: [], workers: 0, cookie: '' })
  const cookies = await context.cookies()
  expect(cookies.every(({ httpOnly }) => httpOnly)).toBe(true)
  expect(cookies.map(({ name }) => name)).not.toContain('vigil-session')
  expect(canaries.test((await page.content()) + (await page.title()) + page.url())).toBe(false)
}

test('two tabs: asked at 13:00, extended in both by one key press, signed out in both at 15:00', async ({
  browser,
  problems,
}) => {
  const context = await browser.newContext({ baseURL: productUrl })
  await become(context, 'maria')
  // half a minute later the first page counts as a use, so that exactly fifteen minutes begin there
  vigil('demo', 'clock', 'advance', '40s')
  await context.clock.install()
  const [first, second] = [await context.newPage(), await context.newPage()]
  for (const page of [first, second]) watch(page, problems)
  await first.goto('/home')
  const begun = await leftOf(first)
  expect(begun).toBeLessThanOrEqual(idleMilliseconds)
  // had it not counted, the session would be forty seconds older
  expect(begun).toBeGreaterThan(idleMilliseconds - 30_000)
  await second.goto('/results')
  await expect(second.locator('h1')).toBeVisible()
  const link = first.getByRole('link', { name: /potassium/i }).first()
  await link.focus()

  // 12:50 of it: nothing; 13:00: the question, in both. The clocks go on by themselves meanwhile: hence the ten seconds.
  const beforeWarning = (await leftOf(first)) - warningMilliseconds - 10_000
  await pass(context, `${Math.floor(beforeWarning / 1000)}s`, beforeWarning)
  await expect(question(first)).toBeHidden()
  await expect(question(second)).toBeHidden()
  await context.clock.fastForward(10_500)
  await expect(question(first)).toBeVisible()
  await expect(question(second)).toBeVisible()
  await expect(first.getByRole('status').filter({ hasText: 'in 2 minutes' })).toBeVisible()
  expect(await first.evaluate(() => document.activeElement?.textContent)).toBe('Stay signed in')

  // one key press in one tab
  await first.keyboard.press('Enter')
  await expect(question(first)).toBeHidden()
  await expect(question(second)).toBeHidden()
  await expect(link).toBeFocused()
  expect(await leftOf(second)).toBeGreaterThan(idleMilliseconds - 30_000)

  // nobody answers: out, in both, at the server's own end
  await pass(context, '781s', 781_000)
  await expect(question(second)).toBeVisible()
  await expect(first.getByText('Maria').first()).toBeVisible()
  vigil('demo', 'clock', 'advance', '2m')
  await context.clock.fastForward(120_000)
  for (const page of [first, second]) {
    await page.waitForURL(/\/signed-out\?reason=idle$/)
    await expect(page.getByRole('heading', { name: 'We signed you out' })).toBeVisible()
    await expectNothingKept(context, page)
  }
  const [event] = await rows<{ n: number }>(
    `SELECT count(*)::int AS n FROM app.session WHERE account_id = $1 AND end_reason = 'idle'`,
    [await accountIdOf('maria')],
  )
  expect(event?.n).toBeGreaterThan(0)
  await context.close()
})

test('a page that slept through the end shows nothing when it wakes', async ({ as }) => {
  const page = await as('maria')
  await page.goto('/results')
  await expect(page.getByText(/potassium/i).first()).toBeVisible()
  vigil('demo', 'clock', 'advance', '16m')
  // the server refuses whatever it is asked; the way back is remembered, sealed
  const answer = await page.goto('/summary')
  await page.waitForURL(/\/signed-out\?reason=idle$/)
  expect(answer?.status()).toBe(200)
  expect(canaries.test(await page.content())).toBe(false)
})

test('Sign out, by its button: out in the other tab too, and nothing is left', async ({ as }) => {
  const page = await as('maria')
  const other = await page.context().newPage()
  await page.goto('/home')
  await other.goto('/results')
  await expect(other.locator('h1')).toBeVisible()
  const token = (await page.context().cookies()).find(({ name }) => name === 'vigil-session')?.value
  await page.getByRole('button', { name: 'Sign out' }).first().click()
  await page.waitForURL(/\/signed-out\?reason=sign-out$/)
  await other.waitForURL(/\/signed-out\?reason=sign-out$/)
  await expectNothingKept(page.context(), page)
  await expectNothingKept(page.context(), other)
  // the token itself is dead, wherever it was copied to
  for (const headers of [{}, { rsc: '1' }]) {
    const reply = await ask('/home', { token, headers })
    expect(reply.status).not.toBe(200)
    expect(canaries.test(reply.body)).toBe(false)
  }
})

test('a session that the admin ends is dead on its next request', async ({ as }) => {
  const account = await accountIdOf('tomasz')
  await rows(`UPDATE app.session SET ended_at = app.now(), end_reason = 'test' WHERE account_id = $1 AND ended_at IS NULL`, [account]) // prettier-ignore
  const token = await sessionOf('tomasz')
  expect((await ask('/care', { token })).status).toBe(200)

  const admin = await as('ada')
  await admin.goto('/admin/sessions')
  const row = admin
    .getByRole('row')
    .filter({ hasText: 'Tomasz' })
    .filter({ has: admin.getByRole('button') })
  await expect(row).toHaveCount(1)
  await row.getByRole('button').click()
  const pressed = performance.now()
  await expect
    .poll(async () => (await rows('SELECT FROM app.session WHERE account_id = $1 AND ended_at IS NULL', [account])).length, { intervals: [5] })
    .toBe(0) // prettier-ignore
  const ended = performance.now()
  const reply = await ask('/care', { token })
  const answered = performance.now()
  expect(reply.status).toBe(307)
  expect(canaries.test(reply.body)).toBe(false)
  for (const headers of [{ rsc: '1' }, { rsc: '1', 'next-router-prefetch': '1' }])
    expect(canaries.test((await ask('/care', { token, headers })).body)).toBe(false)
  process.stdout.write(
    `session ended by the admin: dead in the database ${(ended - pressed).toFixed(0)} ms after the press, its next request refused in ${(answered - ended).toFixed(0)} ms\n`,
  )
})

test('what was being written is there again after the sign-out and a new sign-in, on the same page', async ({
  browser,
  problems,
}) => {
  const { patient } = await recordIds()
  const words = `Draft ${Date.now()}: will call back on Monday.`
  const context = await browser.newContext({ baseURL: productUrl })
  await become(context, 'nadia')
  await context.clock.install()
  const page = await context.newPage()
  watch(page, problems)
  await page.goto(`/care/patients/${patient}/notes/new`)
  await page.getByRole('textbox', { name: 'Title' }).fill('Call')
  await page.getByRole('textbox', { name: 'Note' }).fill(words)
  await page.clock.fastForward(3500)
  await expect(page.getByText(/^Saved /)).toBeVisible()
  const address = page.url()
  expect(address).toMatch(/\/notes\/[0-9a-f-]{36}$/)
  // more words; the use that they are is reported when its minute is over, and fifteen minutes begin
  await page.getByRole('textbox', { name: 'Note' }).pressSequentially(' Twice.')
  const reported = page.waitForResponse('**/api/session/touch')
  await pass(context, '61s', 61_000)
  await reported
  await pass(context, '785s', 785_000)
  await expect(question(page)).toBeVisible()
  await expect(page.getByText('We saved your draft.')).toBeVisible()
  vigil('demo', 'clock', 'advance', '2m')
  await context.clock.fastForward(120_000)
  await page.waitForURL(/\/signed-out/)
  await expectNothingKept(context, page)

  await context.clock.resume()
  await signIn(page, 'nadia')
  await expect(page).toHaveURL(address)
  await expect(page.getByRole('textbox', { name: 'Note' })).toHaveValue(`${words} Twice.`)
  // nobody else finds it
  const stranger = await sessionOf('ines')
  const reply = await ask(new URL(address).pathname, { token: stranger })
  expect(reply.body).not.toContain(words)
  await context.close()
})

test('another person who signs in next does not come back to that page', async ({ browser, problems }) => {
  const { patient } = await recordIds()
  const context = await browser.newContext({ baseURL: productUrl })
  await become(context, 'nadia')
  const page = await context.newPage()
  watch(page, problems)
  await page.goto(`/care/patients/${patient}`)
  await expect(page.locator('h1')).toBeVisible()
  vigil('demo', 'clock', 'advance', '16m')
  await page.reload()
  await page.waitForURL(/\/signed-out\?reason=idle$/)
  await signIn(page, 'ben')
  await expect(page).toHaveURL(/\/billing$/)
  await context.close()
})
