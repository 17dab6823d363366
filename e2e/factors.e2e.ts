import type { Page } from '@playwright/test'
import { Secret, TOTP } from 'otpauth'
import { axeFaults } from './support/axe-faults.ts'
import { rows } from './support/database.ts'
import { accountIdOf, accountOf, expect, test } from './support/people.ts'
import { withDevice } from './support/virtual-device.ts'

// A second factor of either kind, from the first one to the last, as its owner sees it. Tomasz begins without any.

test.describe.configure({ mode: 'serial' })

type Factors = { totp_secret_sealed: string; totp_last_step: string; totp_enrolled_at: Date; role: string }
let before: Factors | undefined
test.beforeAll(async () => {
  const id = await accountIdOf('tomasz')
  const found = await rows<Factors>(
    'SELECT totp_secret_sealed, totp_last_step, totp_enrolled_at, role FROM app.account WHERE id = $1',
    [id],
  )
  before = found[0]
  await rows('SELECT app.factors_clear($1)', [id])
})
test.afterAll(async () => {
  const id = await accountIdOf('tomasz')
  await passkeyOnly(false)
  await rows('SELECT app.factors_clear($1)', [id])
  await rows(
    'UPDATE app.account SET totp_secret_sealed = $2, totp_last_step = $3, totp_enrolled_at = $4 WHERE id = $1',
    [id, before?.totp_secret_sealed, before?.totp_last_step, before?.totp_enrolled_at],
  )
})

const passkeyOnly = (on: boolean) =>
  rows('UPDATE app.role_policy SET passkey_only = $2 WHERE role = $1', [before?.role, on])
const codeOf = async (secret: string, steps = 0) => {
  const [clock] = await rows<{ now: Date }>('SELECT app.now() AS now')
  const timestamp = (clock?.now.getTime() ?? 0) + steps * 30_000
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp })
}
const press = (page: Page, label: string) => page.getByRole('button', { name: label, exact: true }).click()
async function showPassword(page: Page): Promise<void> {
  const { email, password } = accountOf('tomasz')
  await page.context().clearCookies()
  await page.goto('/sign-in')
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await press(page, 'Sign in')
}
/** No fault that a machine can find, and nothing sideways, on the page as it stands. */
async function look(page: Page): Promise<void> {
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await axeFaults(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
}
async function saveCodes(page: Page): Promise<string[]> {
  await page.waitForURL('**/recovery-codes')
  const codes = await page.locator('li code').allInnerTexts()
  expect(codes).toHaveLength(10)
  await page.getByLabel('I saved them').check()
  await press(page, 'Continue')
  await page.waitForURL('**/care')
  return codes
}
const lastMethod = async () => {
  const [session] = await rows<{ method: string }>(
    'SELECT method FROM app.session WHERE account_id = $1 ORDER BY opened_at DESC LIMIT 1',
    [await accountIdOf('tomasz')],
  )
  return session?.method
}

test('a passkey alone, an app beside it, codes for the worst, and a role that takes passkeys alone', async ({
  page,
}) => {
  const device = await withDevice(page)

  // The first factor comes before everything else.
  await showPassword(page)
  await page.waitForURL('**/enrol')
  await page.goto('/care')
  await page.waitForURL('**/sign-in')
  await page.goto('/enrol')
  await expect(page.getByRole('radio', { name: 'Passkey (recommended)' })).toBeChecked()
  await look(page)
  await page.goto('/enrol/app')
  await look(page)
  await page.goto('/enrol')
  await press(page, 'Continue')
  await page.waitForURL('**/enrol/passkey')
  await look(page)
  await device.unlock(false)
  await press(page, 'Create passkey')
  await expect(page.getByText('No passkey was made.')).toBeVisible()
  await device.unlock(true)
  await page.getByLabel('Name of this device').fill('Work laptop')
  await press(page, 'Create passkey')
  const codes = await saveCodes(page)

  // One screen by the passkey; after the password it is what is asked for.
  await page.context().clearCookies()
  await page.goto('/sign-in')
  await press(page, 'Use a passkey')
  await page.waitForURL('**/care')
  expect(await lastMethod()).toBe('passkey')
  await showPassword(page)
  await page.waitForURL('**/second-factor')
  await expect(page.getByLabel('One-time code')).toHaveCount(0)
  await look(page)
  await press(page, 'Use a passkey')
  await page.waitForURL('**/care')

  // A lost device: a recovery code leads to where another one is set up.
  await showPassword(page)
  await page.waitForURL('**/second-factor')
  await page.getByRole('link', { name: 'Use a recovery code' }).click()
  await page.getByLabel('Recovery code').fill(codes[0] ?? '')
  await press(page, 'Continue')
  await page.waitForURL('**/security?done=recovery-code-used')
  await expect(page.getByText('That recovery code is used up.')).toBeVisible()

  // The last factor stays; with an app beside it the passkey may go.
  await press(page, 'Remove the passkey Work laptop')
  await expect(page.getByText('This is your last way to sign in.')).toBeVisible()
  await press(page, 'Set up an authenticator app')
  await page.waitForURL('**/security/authenticator-app')
  await look(page)
  const secret = (await page.locator('code').innerText()).replace(/\s/g, '')
  await page.getByLabel('One-time code').fill('000000')
  await press(page, 'Turn on')
  await expect(page.getByText('The code is not right.').first()).toBeVisible()
  await page.getByLabel('One-time code').fill(await codeOf(secret))
  await press(page, 'Turn on')
  await expect(page.getByText('Your authenticator app is on.')).toBeVisible()
  await press(page, 'Remove the passkey Work laptop')
  await expect(page.getByText('The passkey was removed.')).toBeVisible()
  await device.forget()

  // From now on the role takes passkeys alone: the code opens nothing but the way to one.
  await passkeyOnly(true)
  await showPassword(page)
  await page.waitForURL('**/second-factor')
  await page.getByLabel('One-time code').fill(await codeOf(secret, 1))
  await press(page, 'Continue')
  await page.waitForURL('**/enrol/passkey')
  await page.goto('/care')
  await page.waitForURL('**/sign-in')
  await page.goto('/enrol/passkey')
  await expect(page.getByText('Your clinic now signs in by passkey')).toBeVisible()
  await press(page, 'Create passkey')
  await saveCodes(page)
  await page.goto('/security')
  await expect(page.getByText('Codes of an app do not open your account')).toBeVisible()
  await showPassword(page)
  await page.waitForURL('**/second-factor')
  await expect(page.getByLabel('One-time code')).toHaveCount(0)
})
