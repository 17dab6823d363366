import { rows } from './support/database.ts'
import { accountOf, become, expect, test } from './support/people.ts'
import { productUrl, providerPort, providerSettings } from './support/product.ts'
import { startIdentityProvider, type IdentityProvider } from '#lib/testing/identity-provider.ts'

// The whole way in a browser, with a real provider: the administrator maps a word, a nurse comes in by it, and goes out with it.

test.describe.configure({ mode: 'serial' })

let provider: IdentityProvider
const nadia = { sub: 'hospital-4711', email: accountOf('nadia').email, emailVerified: true, groups: ['vigil-nurses'], amr: ['pwd', 'mfa'] } // prettier-ignore
test.beforeAll(async () => {
  // what a run that failed half-way left behind
  await rows("DELETE FROM app.role_claim WHERE claim_value = 'vigil-nurses'")
  provider = await startIdentityProvider(
    { redirectUri: `${productUrl}/api/auth/callback/oidc`, logoutUri: `${productUrl}/api/sso/logout` },
    [nadia],
    { port: providerPort, clientSecret: providerSettings.OIDC_CLIENT_SECRET },
  )
})
test.afterAll(() => provider.close())

test('the hospital’s sign-in, from the table of roles to its logout', async ({ page: admin, browser }) => {
  await become(admin.context(), 'ada')
  await admin.goto('/admin/single-sign-on')
  const roles = admin.getByRole('form', { name: 'Roles' })
  await roles.getByLabel('Word of the provider').fill('vigil-nurses')
  await roles.getByLabel('Stands for the role').selectOption('nurse')
  await roles.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(roles.getByRole('cell', { name: 'Nurse', exact: true })).toBeVisible()

  const nurse = await browser.newPage()
  await nurse.goto('/sign-in')
  await nurse.getByRole('button', { name: 'Use your hospital account' }).click()
  await nurse.getByRole('button', { name: nadia.email }).click()
  await nurse.waitForURL('**/care')
  await expect(nurse.getByRole('heading', { level: 1 })).toBeVisible()

  // her second factor was shown at the provider a moment ago; nothing of the provider is left in her browser
  const cookies = (await nurse.context().cookies(productUrl)).map(({ name }) => name.replace('__Host-', ''))
  expect(cookies.filter((name) => name.includes('sso'))).toEqual([])
  const [session] = await rows<{ method: string }>(
    "SELECT method FROM app.session WHERE method = 'oidc' AND ended_at IS NULL",
  )
  expect(session?.method).toBe('oidc')

  await provider.signOut(nadia.sub)
  await nurse.goto('/care')
  await nurse.waitForURL(/signed-out|sign-in/)

  // a word that is gone gives no role any more
  await admin.reload()
  const linked = admin.getByRole('form', { name: 'Linked people' })
  await expect(linked.getByRole('rowheader', { name: 'Nadia Osei' })).toBeVisible()
  await roles.getByRole('button', { name: 'Remove vigil-nurses' }).click()
  await expect(roles.getByText('No word stands for a role yet')).toBeVisible()
  await nurse.goto('/sign-in')
  await nurse.getByRole('button', { name: 'Use your hospital account' }).click()
  await expect(nurse.getByText('has not given you a role')).toBeVisible()

  await linked.getByRole('button', { name: 'Unlink Nadia Osei' }).click()
  await expect(linked.getByText('Nobody has signed in through the provider yet')).toBeVisible()
  await nurse.close()
})

test('a token for provisioning works until it is ended', async ({ page, request }) => {
  await become(page.context(), 'ada')
  await page.goto('/admin/single-sign-on')
  const form = page.getByRole('form', { name: 'Provisioning' })
  const answer = (token: string) =>
    request.get('/api/scim/v2/ServiceProviderConfig', { headers: { authorization: `Bearer ${token}` } })
  await form.getByRole('button', { name: 'Make a new token' }).click()
  const token = (await form.locator('code').textContent()) ?? ''
  expect((await answer(token)).status()).toBe(200)
  await form.getByRole('button', { name: /^End the token/ }).click()
  await expect(form.getByText('There is no token')).toBeVisible()
  expect((await answer(token)).status()).toBe(401)
})

test('a provider that is away says so, and the password goes on working', async ({ page }) => {
  await provider.close()
  // What the provider said of itself counts for a second: a fast run is still sent on to where nobody answers.
  await expect(async () => {
    await page.goto('/sign-in')
    await page.getByRole('button', { name: 'Use your hospital account' }).click()
    await expect(page.getByText('does not answer')).toBeVisible({ timeout: 5000 })
  }).toPass()
  const { email, password } = accountOf('ada')
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByLabel('One-time code')).toBeVisible()
})
