import { createHash, randomBytes } from 'node:crypto'
import { expect, test as base, type BrowserContext, type Page } from '@playwright/test'
import { Secret, TOTP } from 'otpauth'
import { demoAccounts, rows, type DemoAccount } from './database.ts'
import { PlainBrowser } from './plain-browser.ts'
import { productUrl } from './product.ts'

/** The named people of the demo clinic, each with one reason to exist. */
export const cast = {
  maria: 'maria.reyes@mail.example',
  nadia: 'nadia.osei@riverside.example',
  ines: 'ines.moreau@riverside.example',
  tomasz: 'tomasz.krol@riverside.example',
  ben: 'ben.ashby@riverside.example',
  ada: 'ada.lindgren@riverside.example',
  carla: 'carla.nwosu@riverside.example',
  daniel: 'daniel.okafor@mail.example',
  siobhan: 'siobhan.obrien@mail.example',
} as const
export type Person = keyof typeof cast

/** A person's demo account. */
export function accountOf(person: Person): DemoAccount {
  const account = demoAccounts().find((candidate) => candidate.email === cast[person])
  if (!account) throw new Error(`the demo clinic has no ${person}`)
  return account
}

/** The code that the person's authenticator app shows at the product's time. */
export async function codeOf(person: Person): Promise<string> {
  const [clock] = await rows<{ now: Date }>('SELECT app.now() AS now')
  return new TOTP({ secret: Secret.fromBase32(accountOf(person).totpSecret) }).generate({
    timestamp: clock?.now.getTime() ?? Date.now(),
  })
}

/** Lets the code that the person's app shows now be used, also when they have just signed in with it. */
export async function forgetCodesOf(person: Person): Promise<void> {
  await rows('UPDATE app.account SET totp_last_step = 0 WHERE id = $1', [await accountIdOf(person)])
}

/** Signs in by the form: password, then a code of the app, which counts also when it was used already. */
export async function signIn(page: Page, person: Person): Promise<void> {
  const { email, password } = accountOf(person)
  await page.goto('/sign-in')
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('**/second-factor')
  await forgetCodesOf(person)
  await page.getByLabel('One-time code').fill(await codeOf(person))
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL((url) => !url.pathname.startsWith('/second-factor'))
}

/**
 * A session of a person without the form: a row that the product's own function writes, and its cookie. The tests about
 * signing in use the form.
 */
export async function sessionOf(person: Person): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  const hash = createHash('sha256').update(token).digest()
  await rows(`SELECT app.session_open($1, $2, 'totp', '127.0.0.1', 'browser test')`, [
    await accountIdOf(person),
    hash,
  ])
  return token
}

const accountIds = new Map<Person, string>()

/** The account id of a person. Staff have names in schema app; portal accounts are known by signing in once. */
export async function accountIdOf(person: Person): Promise<string> {
  const known = accountIds.get(person)
  if (known !== undefined) return known
  const { role, name } = accountOf(person)
  const [staff] = await rows<{ id: string }>(
    'SELECT id FROM app.account WHERE display_name = $1 AND role = $2',
    [name, role],
  )
  const id = staff?.id ?? (await portalAccountId(person))
  accountIds.set(person, id)
  return id
}

async function portalAccountId(person: Person): Promise<string> {
  const { email, password, role } = accountOf(person)
  const browser = new PlainBrowser()
  await browser.submit('/sign-in', { email, password })
  // whose code it is that may have been used is not known yet
  await rows('UPDATE app.account SET totp_last_step = 0 WHERE role = $1 AND totp_last_step IS NOT NULL', [
    role,
  ])
  await browser.secondStep({ method: 'totp', code: await codeOf(person) })
  const [row] = await rows<{ account_id: string }>(
    `UPDATE app.session SET ended_at = app.now(), end_reason = 'test' WHERE token_hash = sha256(convert_to($1, 'UTF8')) RETURNING account_id`,
    [browser.jar.get('vigil-session') ?? ''],
  )
  if (!row) throw new Error(`${person} could not sign in`)
  return row.account_id
}

/** Puts a person's session into a browser context. */
export async function become(context: BrowserContext, person: Person): Promise<string> {
  const token = await sessionOf(person)
  await context.clearCookies()
  await context.addCookies([
    { name: 'vigil-session', value: token, url: productUrl, httpOnly: true, sameSite: 'Lax' },
  ])
  return token
}

type Fixtures = {
  /** Opens a page as a person; any error in the console or violation of the content security policy fails the test. */
  as: (person: Person) => Promise<Page>
  problems: string[]
}

/** Errors that the browser logs for an answer that the test itself asked for. */
const expectedStatus = /Failed to load resource: the server responded with a status of (401|403|404|500|503)/

export const test = base.extend<Fixtures>({
  problems: async ({}, use) => {
    const problems: string[] = []
    await use(problems)
    expect(problems, 'nothing unexpected in the console').toEqual([])
  },
  as: async ({ browser, problems, contextOptions }, use) => {
    const contexts: BrowserContext[] = []
    await use(async (person) => {
      const context = await browser.newContext({ ...contextOptions, baseURL: productUrl })
      contexts.push(context)
      await become(context, person)
      const page = await context.newPage()
      watch(page, problems)
      return page
    })
    for (const context of contexts) await context.close()
  },
})

/** Notes everything in a page's console that should not be there. */
export function watch(page: Page, problems: string[]): void {
  page.on('console', (message) => {
    if (message.type() === 'error' && !expectedStatus.test(message.text()))
      problems.push(`${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => problems.push(`${page.url()}: ${error.message}`))
}

export { expect }
