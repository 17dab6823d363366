import { readPdf } from '#lib/testing/read-pdf.ts'
import { Secret, TOTP } from 'otpauth'
import { rows } from './support/database.ts'
import { accountIdOf, codeOf, expect, forgetCodesOf, test, watch } from './support/people.ts'
import { productUrl } from './support/product.ts'

// From the desk to the own record: a nurse registers somebody and hands out a code, who then has a login in five screens.

test('a patient gets a login at the desk, and is at home after five screens', async ({
  as,
  browser,
  contextOptions,
  problems,
}) => {
  const desk = await as('nadia')
  const family = `Arrival${Date.now() % 100_000}`
  const email = `${family.toLowerCase()}@mail.example`
  await desk.goto('/care/register')
  await desk.getByLabel('Given name').fill('Zora')
  await desk.getByLabel('Family name').fill(family)
  for (const [part, text] of [['Month', '4'], ['Day', '2'], ['Year', '1979']] as const) await desk.getByLabel(part, { exact: true }).fill(text) // prettier-ignore
  await desk.getByRole('radio', { name: 'Female', exact: true }).check()
  await desk.getByLabel('E-mail').fill(email)
  await desk.getByRole('button', { name: /register/i }).click()
  await desk.waitForURL(/\/care\/patients\/[0-9a-f-]{36}/)

  await desk.getByRole('link', { name: 'Portal login' }).click()
  await expect(desk.getByRole('heading', { level: 1, name: 'Portal login' })).toBeVisible()
  await desk.getByRole('checkbox', { name: 'Insurance card' }).check()
  await desk.getByRole('button', { name: 'Continue' }).click()
  await expect(desk.getByRole('alert', { name: 'There is a problem' })).toContainText(
    'one document with a photograph',
  )
  await desk.getByRole('checkbox', { name: 'Passport' }).check()
  await expect(desk.getByLabel('E-mail address to sign in with')).toHaveValue(email)
  await desk.getByRole('button', { name: 'Continue' }).click()
  await desk.getByRole('checkbox', { name: /fit the person in front of me/ }).check()
  await rows(
    `UPDATE app.session SET second_factor_at = second_factor_at - interval '6 minutes' WHERE account_id IN (SELECT id FROM app.account WHERE display_name = 'Nadia Osei')`,
  )
  await desk.getByRole('button', { name: 'Hand out the code' }).click()
  await forgetCodesOf('nadia')
  await desk.getByLabel('One-time code').fill(await codeOf('nadia'))
  await desk.getByRole('button', { name: 'Hand out the code' }).click()
  const code = (await desk.locator('code').first().textContent()) ?? ''
  expect(code).toMatch(/^([0-9A-Z]{5}-){4}[0-9A-Z]{5}$/)
  const download = desk.waitForEvent('download')
  await desk.getByRole('button', { name: 'Letter to print (PDF)' }).click()
  expect((await download).suggestedFilename()).toBe('portal-login.pdf')
  const stream = await (await download).createReadStream()
  const letter = readPdf(Buffer.concat(await stream.toArray()))
  expect(letter.text).toContain(`Zora ${family}`)
  expect(letter.text).toContain(code)

  const context = await browser.newContext({ ...contextOptions, baseURL: productUrl })
  const page = await context.newPage()
  watch(page, problems)
  const screens: string[] = []
  const screen = async (path: RegExp) => {
    await page.waitForURL(path)
    screens.push(new URL(page.url()).pathname)
    expect(page.url()).not.toContain(code)
  }
  await page.goto('/sign-in')
  await page.getByRole('link', { name: 'Set up your login' }).click()
  await screen(/\/activate$/)
  await page.getByLabel('Code from your letter').fill(code.toLowerCase())
  for (const [part, text] of [['Month', '4'], ['Day', '3'], ['Year', '1979']] as const) await page.getByLabel(part, { exact: true }).fill(text) // prettier-ignore
  await page.getByRole('button', { name: 'Continue' }).click()
  await expect(page.getByRole('alert', { name: 'There is a problem' })).toContainText('do not fit together')
  await page.getByLabel('Day', { exact: true }).fill('2')
  await page.getByRole('button', { name: 'Continue' }).click()
  await screen(/\/activate\/password$/)
  await expect(page.getByText(email)).toBeVisible()
  await page.getByLabel('New password', { exact: true }).fill('nine slow herons on ice')
  await page.getByRole('button', { name: 'Continue' }).click()
  await screen(/\/enrol$/)
  await page.getByRole('radio', { name: /Authenticator app/ }).check()
  await page.getByRole('button', { name: 'Continue' }).click()
  await screen(/\/enrol\/app$/)
  const secret = ((await page.locator('code').first().textContent()) ?? '').replaceAll(/\s/g, '')
  const [clock] = await rows<{ now: Date }>('SELECT app.now() AS now')
  const timestamp = clock?.now.getTime() ?? 0
  await page
    .getByLabel('One-time code')
    .fill(new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp }))
  await page.getByRole('button', { name: 'Turn on' }).click()
  await screen(/\/recovery-codes$/)
  await page.getByRole('checkbox', { name: /saved/i }).check()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL('**/home')
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Zora')
  expect(screens).toHaveLength(5)

  await page.goto('/who-looked')
  await expect(page.getByText('Handed out a code for your login').first()).toBeVisible()
  await context.close()
})

test('a new role says what it gives and takes before it is given', async ({ as }) => {
  const page = await as('ada')
  await page.goto('/admin')
  await page.getByRole('link', { name: 'What each role may do' }).click()
  await expect(page.getByRole('heading', { level: 2, name: 'Billing' })).toBeVisible()
  await expect(page.getByText('Sees nothing of anybody’s health').first()).toBeVisible()
  await page.goto(`/admin/people/${await accountIdOf('ben')}`)
  await page.getByLabel('New role').selectOption('nurse')
  await page.getByRole('button', { name: 'Change role' }).click()
  const card = page.getByRole('region', { name: 'Change the role' })
  await expect(card.getByRole('heading', { name: 'Gains' })).toBeVisible()
  await expect(card).toContainText('Chart: laboratory results')
  await expect(card).toContainText('Work queue: accounts with open claims')
  await expect(card.getByRole('button', { name: 'Make Nurse' })).toBeVisible()
  const [ben] = await rows<{ role: string }>('SELECT role FROM app.account WHERE id = $1', [
    await accountIdOf('ben'),
  ])
  expect(ben?.role).toBe('billing')
})
