import type { Page } from '@playwright/test'
import { addressOf, openPages } from './support/addresses.ts'
import { canaries } from './support/ask.ts'
import { axeFaults, wcagRules } from './support/axe-faults.ts'
import { tabTo } from './support/keyboard.ts'
import { become, expect, test, watch, type Person } from './support/people.ts'
import { productUrl } from './support/product.ts'
import { recordIds } from './support/records.ts'

// Every page and every state of it: WCAG 2.2 A and AA by axe, no sideways scrolling, letters that can be read, focus that
// is where a keyboard and a screen reader expect it, and nothing about anybody in titles and addresses.

const ways = [
  { width: 1280, height: 900, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
  { width: 390, height: 844, colorScheme: 'light' },
  { width: 1280, height: 900, colorScheme: 'dark' },
] as const

const pages = new Map<Person | 'nobody', Page>()
const problems: string[] = []
const found: string[] = []
let looks = 0

/** One page per person for the whole file: a new context for each of some hundred looks would take minutes. */
test.beforeAll(async ({ browser }) => {
  for (const person of ['nobody', 'maria', 'daniel', 'nadia', 'ines', 'ben', 'ada', 'carla'] as const) {
    const context = await browser.newContext({ baseURL: productUrl, locale: 'en-US', timezoneId: 'America/New_York' }) // prettier-ignore
    await context.addInitScript(() =>
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        console.error(`content security policy: ${violatedDirective} ${blockedURI}`),
      ),
    )
    if (person !== 'nobody') await become(context, person)
    const page = await context.newPage()
    watch(page, problems)
    pages.set(person, page)
  }
})
test.afterAll(async () => {
  for (const page of pages.values()) await page.context().close()
  process.stdout.write(`accessibility: ${looks} looks (page or state × size × light or dark), ${found.length} faults\n`)
}) // prettier-ignore

const pageOf = (person: Person | 'nobody'): Page => {
  const page = pages.get(person)
  if (!page) throw new Error(`no page of ${person}`)
  return page
}

/** Looks at what is on the screen in every size and colour. */
async function look(page: Page, name: string, options: { isOpen?: boolean } = {}): Promise<void> {
  for (const { width, height, colorScheme } of ways) {
    await page.setViewportSize({ width, height })
    await page.emulateMedia({ colorScheme })
    const where = `${name} at ${width}, ${colorScheme}`
    // an open dialog makes the page behind it inert, which the practice rules about landmarks do not know
    const tags = options.isOpen ? wcagRules : [...wcagRules, 'best-practice']
    for (const fault of await axeFaults(page, tags)) found.push(`${where}: ${fault}`)
    const layout = await page.evaluate(() => ({
      sideways: document.documentElement.scrollWidth - window.innerWidth,
      tables: [...document.querySelectorAll('[data-scroll-box]')]
        .filter((box) => box.scrollWidth > box.clientWidth)
        .map((box) => box.querySelector('caption')?.textContent),
      smallest: Math.min(
        Number.POSITIVE_INFINITY,
        ...[...document.querySelectorAll<SVGTextElement>('svg text')]
          .filter((text) => text.getClientRects().length > 0)
          .map((text) => Number.parseFloat(getComputedStyle(text).fontSize) * (text.getScreenCTM()?.a ?? 1)),
      ),
    }))
    if (layout.sideways > 0) found.push(`${where}: scrolls sideways by ${layout.sideways} px`)
    for (const table of width < 400 ? layout.tables : [])
      found.push(`${where}: the table “${table}” has to be moved sideways`)
    if (layout.smallest < 11.99)
      found.push(`${where}: letters of ${layout.smallest.toFixed(1)} px in a figure`)
    looks++
  }
  const title = await page.title()
  expect(canaries.test(title), `title ${title}`).toBe(false)
  expect(title).toMatch(/Riverside Clinic$/)
  expect(canaries.test(page.url()), page.url()).toBe(false)
}

const expectNoFaults = (): void => {
  expect(found.splice(0)).toEqual([])
  expect(problems.splice(0)).toEqual([])
} // prettier-ignore

for (const { path, person } of openPages()) {
  test(`${path} as ${person ?? 'nobody'}`, async () => {
    const page = pageOf(person ?? 'nobody')
    const answer = await page.goto(await addressOf(path))
    expect(answer?.status()).toBe(200)
    await expect(page.locator('h1')).toHaveCount(1)
    await look(page, path)
    expectNoFaults()
  })
}

test('pages that are not there, that are another role’s, and the ends of a session', async () => {
  const { stranger } = await recordIds()
  const states: { person: Person | 'nobody'; path: string; status: number }[] = [
    { person: 'nobody', path: '/no-such-page', status: 404 },
    { person: 'nadia', path: `/care/patients/${stranger}`, status: 404 },
    { person: 'maria', path: '/results/00000000-0000-4000-8000-000000000000', status: 404 },
    { person: 'nadia', path: '/billing', status: 403 },
    { person: 'maria', path: '/care', status: 403 },
    { person: 'nobody', path: '/signed-out?reason=idle', status: 200 },
    { person: 'nobody', path: '/signed-out?reason=expired', status: 200 },
    { person: 'nobody', path: '/signed-out?reason=ended', status: 200 },
    { person: 'nobody', path: '/signed-out?reason=limit', status: 200 },
  ]
  for (const { person, path, status } of states) {
    const page = pageOf(person)
    const answer = await page.goto(path)
    expect(answer?.status(), path).toBe(status)
    await expect(page.locator('h1')).toHaveCount(1)
    await look(page, path)
  }
  expectNoFaults()
})

test('forms that were filled in wrongly', async () => {
  const forms: { person: Person | 'nobody'; path: string; button: RegExp; fill?: [RegExp, string][] }[] = [
    { person: 'nobody', path: '/sign-in', button: /^sign in$/i, fill: [[/^email/i, 'nobody@mail.example'], [/^password/i, 'wrong password here']] },
    { person: 'nobody', path: '/accept-invite', button: /continue|accept|check|set|choose/i },
    { person: 'nadia', path: '/care/patients/{patient}/vitals', button: /save vitals/i, fill: [[/systolic/i, 'high']] },
    { person: 'nadia', path: '/care/patients/{patient}/team', button: /add to the care team/i },
    { person: 'nobody', path: '/activate', button: /continue/i, fill: [[/^code/i, 'AAAAA-AAAAA-AAAAA-AAAAA-AAAAA']] },
    { person: 'nadia', path: '/care/patients/{patient}/portal', button: /continue/i },
    { person: 'nadia', path: '/care/register', button: /register/i },
    { person: 'nadia', path: '/care/search', button: /^find$/i },
    { person: 'nadia', path: '/care/patients/{patient}/notes/new', button: /sign note/i },
    { person: 'nadia', path: '/care/emergency', button: /^find$/i },
    { person: 'nadia', path: '/care/patients/{patient}/notes/emergency', button: /open these notes/i },
    { person: 'carla', path: '/compliance/incidents', button: /open an incident/i },
    { person: 'ada', path: '/admin', button: /^invite$/i },
    { person: 'ada', path: '/admin/settings', button: /save the limits: nurse/i, fill: [[/signed out without use/i, '90']] },
    { person: 'ada', path: '/admin/sessions', button: /sign everybody out/i },
    { person: 'ada', path: '/admin/single-sign-on', button: /^add$/i },
    { person: 'ada', path: '/admin/keys', button: /save schedule/i, fill: [[/greatest age/i, 'old']] },
    { person: 'carla', path: '/compliance', button: /^search$/i },
    { person: 'carla', path: '/compliance/search', button: /^search$/i, fill: [[/^to$/i, '2020-01-01T00:00']] },
    { person: 'carla', path: '/compliance/access-reviews', button: /start review/i },
    { person: 'carla', path: '/compliance/exports', button: /ask for the export/i },
    { person: 'carla', path: '/compliance/cases/{case}', button: /record the decision/i },
    { person: 'carla', path: '/compliance/cases/records', button: /mark the record/i },
  ] // prettier-ignore
  for (const { person, path, button, fill = [] } of forms) {
    const page = pageOf(person)
    await page.goto(await addressOf(path))
    const press = page.getByRole('button', { name: button }).first()
    // a page may hold the same form once for each role
    const form = page.locator('form').filter({ has: page.getByRole('button', { name: button }) }).first() // prettier-ignore
    for (const [label, text] of fill) await form.getByLabel(label).first().fill(text)
    await press.click()
    const fault = page
      .getByRole('alert', { name: 'There is a problem' })
      .or(page.locator('[aria-invalid=true]'))
      .first()
    await expect(fault, path).toBeVisible()
    await look(page, `${path} with errors`)
  }
  expectNoFaults()
})

test('a search that finds nobody', async () => {
  const care = pageOf('nadia')
  await care.goto('/care/search')
  await care.getByLabel('Family name').fill('Zzyzx')
  await care.getByRole('button', { name: 'Find' }).click()
  await care.waitForURL(/search=/)
  await look(care, 'a patient search that finds nobody')
  expect(care.url()).not.toMatch(/zzyzx/i)

  const audit = pageOf('carla')
  await audit.goto('/compliance')
  await audit.getByLabel(/family name/i).fill('Zzyzx')
  await audit.getByLabel(/^given name/i).fill('Nobody')
  await audit.getByRole('button', { name: 'Search', exact: true }).click()
  await expect(audit.getByText('No patient matches')).toBeVisible()
  await look(audit, 'an audit search that finds nobody')
  expectNoFaults()
})

test('the question before the session ends', async ({ browser }) => {
  const context = await browser.newContext({ baseURL: productUrl })
  await become(context, 'maria')
  await context.clock.install()
  const page = await context.newPage()
  await page.goto('/home')
  await expect(page.locator('h1')).toBeVisible()
  await page.clock.fastForward('13:30')
  await expect(page.getByRole('dialog', { name: 'Are you still there?' })).toBeVisible()
  // axe waits by timers: they run on the browser's own clock again
  await page.clock.resume()
  await look(page, 'the question before the session ends', { isOpen: true })
  await context.close()
  expectNoFaults()
})

test('after going on by a link, the focus is on the heading of the new page', async () => {
  const steps: { person: Person; from: string; link: RegExp }[] = [
    { person: 'maria', from: '/home', link: /^test results$/i },
    { person: 'maria', from: '/results', link: /^health summary$/i },
    { person: 'maria', from: '/summary', link: /^(visit )?notes$/i },
    { person: 'nadia', from: '/care', link: /Maria.*Reyes/ },
    { person: 'nadia', from: '/care', link: /^patient search$/i },
    { person: 'ben', from: '/billing', link: /Maria.*Reyes/ },
    { person: 'ada', from: '/admin', link: /^sessions$/i },
  ]
  for (const { person, from, link } of steps) {
    const page = pageOf(person)
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.goto(from)
    const before = new URL(page.url()).pathname
    await page.getByRole('link', { name: link }).first().click()
    await page.waitForURL((url) => url.pathname !== before)
    await expect(page.locator('h1'), `${person} ${from} → ${link}`).toBeFocused()
    expect(canaries.test(await page.title())).toBe(false)
    expect(canaries.test(page.url())).toBe(false)
  }
  expectNoFaults()
})

test('vital signs are entered without a mouse', async ({ as }) => {
  const page = await as('nadia')
  await page.goto('/care')
  await tabTo(page, page.getByRole('link', { name: /Maria.*Reyes/ }).first())
  await page.keyboard.press('Enter')
  await expect(page.locator('h1')).toBeFocused()
  await tabTo(page, page.getByRole('link', { name: 'Vitals', exact: true }))
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/vitals$/)
  for (const [field, text] of [[/systolic/i, '121'], [/diastolic/i, '79'], [/pulse/i, '66']] as const) {
    await tabTo(page, page.getByRole('textbox', { name: field }))
    await page.keyboard.type(text)
  } // prettier-ignore
  await page.keyboard.press('Enter')
  await expect(page.getByText('121/79').first()).toBeVisible()
})

test('the audit question is asked and answered without a mouse', async ({ as }) => {
  const page = await as('carla')
  await page.goto('/compliance')
  await tabTo(page, page.getByLabel(/family name/i))
  await page.keyboard.type('Reyes')
  await page.keyboard.press('Tab')
  await page.keyboard.type('Maria')
  await page.keyboard.press('Enter')
  await expect(page.getByText(/opened the record/)).toBeVisible()
  await tabTo(page, page.getByRole('link', { name: /^\d{4}-\d{2}-\d{2} / }).first())
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Audit entry' })).toBeVisible()
})

test('the looks would notice: a page with faults is found out', async () => {
  const page = pageOf('nobody')
  await page.goto('/signed-out')
  // React may be about to take the page over, and then puts away what it did not draw.
  await expect(async () => {
    await page.evaluate(() => {
      const image = document.createElement('img')
      const wide = document.createElement('p')
      wide.style.width = '3000px'
      wide.textContent = 'too wide'
      const figure = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
      const letters = document.createElementNS('http://www.w3.org/2000/svg', 'text')
      letters.textContent = 'tiny'
      letters.setAttribute('font-size', '9')
      figure.append(letters)
      document.querySelector('main')?.append(image, wide, figure)
    })
    await look(page, 'a page with faults')
    const seen = found.splice(0).join('\n')
    problems.length = 0
    expect(seen).toMatch(/image-alt/)
    expect(seen).toMatch(/scrolls sideways/)
    expect(seen).toMatch(/letters of 9\.0 px/)
  }).toPass()
})
