import type { Page } from '@playwright/test'
import { axeFaults } from './support/axe-faults.ts'
import { rows } from './support/database.ts'
import { tabTo } from './support/keyboard.ts'
import { accountIdOf, accountOf, codeOf, expect, forgetCodesOf, test } from './support/people.ts'
import { withDevice } from './support/virtual-device.ts'

// How many screens it takes to get in, counted where a person would count them; without a mouse, and each one without a fault that
// axe finds.

test.describe.configure({ mode: 'serial' })

/** The screens that a page goes through, by path; each is looked at by axe when it is left by `next`. */
function screensOf(page: Page) {
  const screens: string[] = []
  const look = async () => {
    await expect(page.locator('h1')).toBeVisible()
    screens.push(new URL(page.url()).pathname)
    expect(await axeFaults(page), screens.at(-1)).toEqual([])
  }
  return {
    screens,
    /** Looks at the screen, does what it asks for, and waits for another one. */
    next: async (work: () => Promise<void>) => {
      await look()
      const before = screens.at(-1)
      await work()
      await page.waitForURL(({ pathname }) => pathname !== before)
    },
  }
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })

/** Reaches a button by Tab and presses it. */
async function press(page: Page, name: string | RegExp): Promise<void> {
  await tabTo(page, button(page, name))
  await page.keyboard.press('Enter')
}

test('with a password and a code: two screens; the password is hidden, shown when asked, and may be pasted', async ({
  page,
}) => {
  const { email, password } = accountOf('siobhan')
  await forgetCodesOf('siobhan')
  const { screens, next } = screensOf(page)
  await page.goto('/sign-in')
  const field = page.getByLabel('Password', { exact: true })
  await next(async () => {
    await tabTo(page, page.getByLabel('Email'))
    await page.keyboard.type(email)
    await tabTo(page, field)
    await expect(field).toHaveAttribute('type', 'password')
    await expect(field).toHaveAttribute('autocomplete', 'current-password')
    expect(await field.evaluate((input) => input.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true })))).toBe(true)
    await page.keyboard.insertText(password)
    await press(page, /^show password$/i)
    await expect(field).toHaveAttribute('type', 'text')
    await tabTo(page, button(page, 'Sign in'))
    await page.keyboard.press('Enter')
  })
  await next(async () => {
    await tabTo(page, page.getByLabel('One-time code'))
    await page.keyboard.type(await codeOf('siobhan'))
    await page.keyboard.press('Enter')
  })
  expect(screens).toEqual(['/sign-in', '/second-factor'])
}) // prettier-ignore

test('with a passkey: one screen', async ({ as }) => {
  const page = await as('tomasz')
  await withDevice(page)
  await page.goto('/security')
  await page.getByLabel('Name of this device').fill('Work laptop')
  await button(page, 'Add a passkey').click()
  await expect(page.getByText('Your passkey is ready.')).toBeVisible()
  await page.context().clearCookies()

  const { screens, next } = screensOf(page)
  await page.goto('/sign-in')
  await next(() => press(page, 'Use a passkey'))
  expect(screens).toEqual(['/sign-in'])
  await expect(page).toHaveURL(/\/care$/)
})

test('for the first time, with the code from the clinic: five screens', async ({ as, browser }) => {
  const [patient] = await rows<{ id: string }>(
    `SELECT r.patient_id AS id FROM phi.care_relationship r
       JOIN app.care_team_member m ON m.care_team_id = r.care_team_id AND m.account_id = $1 AND m.ends_at IS NULL
      WHERE r.ends_at IS NULL AND (SELECT p.deceased_at FROM phi.patient p WHERE p.id = r.patient_id) IS NULL AND NOT EXISTS (SELECT FROM phi.record_grant g WHERE g.patient_id = r.patient_id) ORDER BY r.patient_id LIMIT 1`,
    [await accountIdOf('nadia')],
  )
  const desk = await as('nadia')
  await desk.goto(`/care/patients/${patient?.id}/portal`)
  await desk.getByLabel(/passport/i).check()
  await desk.getByLabel(/e-mail address/i).fill(`first.time.${Date.now()}@mail.example`)
  await button(desk, 'Continue').click()
  const born = /\d{4}-\d{2}-\d{2}/.exec((await desk.getByText(/^\d{4}-\d{2}-\d{2}/).last().textContent()) ?? '')?.[0] ?? ''
  await desk.getByLabel(/person in front of me/i).check()
  await button(desk, 'Hand out the code').click()
  const code = (await desk.locator('code').textContent()) ?? ''
  expect(code).toMatch(/^([0-9A-Z]{5}-){4}[0-9A-Z]{5}$/)

  const context = await browser.newContext()
  const page = await context.newPage()
  await withDevice(page)
  const { screens, next } = screensOf(page)
  await page.goto('/activate')
  await next(async () => {
    await tabTo(page, page.getByLabel('Code from your letter'))
    await page.keyboard.type(code.toLowerCase())
    for (const [label, part] of [['Month', born.slice(5, 7)], ['Day', born.slice(8)], ['Year', born.slice(0, 4)]] as const) {
      await tabTo(page, page.getByLabel(label))
      await page.keyboard.type(part)
    }
    await page.keyboard.press('Enter')
  })
  await next(async () => {
    await tabTo(page, page.getByLabel('New password', { exact: true }))
    await page.keyboard.type('marmalade over the north pier')
    await page.keyboard.press('Enter')
  })
  await next(async () => {
    await tabTo(page, page.getByLabel(/^passkey/i))
    await press(page, 'Continue')
  })
  await next(() => press(page, 'Create passkey'))
  await next(async () => {
    await tabTo(page, page.getByLabel('I saved them'))
    await page.keyboard.press('Space')
    await press(page, 'Continue')
  })
  expect(screens).toEqual(['/activate', '/activate/password', '/enrol', '/enrol/passkey', '/recovery-codes'])
  await expect(page).toHaveURL(/\/home$/)
  await context.close()
}) // prettier-ignore
