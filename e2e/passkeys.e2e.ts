import { rows } from './support/database.ts'
import { accountIdOf, accountOf, codeOf, expect, forgetCodesOf, test } from './support/people.ts'
import { withDevice } from './support/virtual-device.ts'

// Passkeys, with Chromium's own virtual authenticator: it makes real keys and real signatures.

test.describe.configure({ mode: 'serial' })

/** Everything that the person has shown is six minutes old. */
async function letTimePass(account: string): Promise<void> {
  await rows(
    `UPDATE app.session SET second_factor_at = app.now() - interval '6 minutes', opened_at = app.now() - interval '6 minutes',
            passkey_shown_at = app.now() - interval '6 minutes' WHERE account_id = $1 AND ended_at IS NULL`,
    [account],
  )
}

test('a passkey is added, signs in by one button, confirms a change, and is taken out of use', async ({
  as,
}) => {
  const page = await as('ines')
  const device = await withDevice(page)
  await page.goto('/security')
  const name = page.getByLabel('Name of this device')
  await name.fill('')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await expect(page.getByRole('alert', { name: 'There is a problem' })).toContainText('Give it a name')
  await name.fill('Work laptop')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await expect(page.getByText('Your passkey is ready.')).toBeVisible()
  await expect(page.getByRole('rowheader', { name: 'Work laptop' })).toBeVisible()

  // The same device again is refused by the device itself, in words.
  await page.getByLabel('Name of this device').fill('Twice')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await expect(page.getByText('This device has a passkey for your account already.')).toBeVisible()

  // One screen: no address, no password, no code. By keyboard.
  await page.context().clearCookies()
  await page.goto('/sign-in')
  await page.getByRole('button', { name: 'Use a passkey' }).focus()
  await page.keyboard.press('Enter')
  await page.waitForURL('**/care')
  const ines = await accountIdOf('ines')
  const [session] = await rows<{ method: string }>(
    'SELECT method FROM app.session WHERE account_id = $1 ORDER BY opened_at DESC LIMIT 1',
    [ines],
  )
  expect(session?.method).toBe('passkey')

  // A change after six minutes asks again; the passkey takes the place of a code, and sends the form.
  await letTimePass(ines)
  await page.goto('/security')
  await page.getByRole('button', { name: 'Remove the passkey Work laptop' }).click()
  const removing = page.getByRole('row', { name: /Work laptop/ })
  await expect(removing.getByLabel('One-time code')).toBeVisible()
  await expect(removing.getByLabel('Your password', { exact: true })).toBeVisible()
  await device.unlock(false)
  await removing.getByRole('button', { name: 'Use a passkey instead' }).click()
  await expect(removing.getByText('No passkey was used.')).toBeVisible()
  await device.unlock(true)
  await removing.getByRole('button', { name: 'Use a passkey instead' }).click()
  await expect(page.getByText('The passkey was removed.')).toBeVisible()

  // Without a passkey a code alone changes nothing: the password is asked for as well.
  await letTimePass(ines)
  const codes = page.getByRole('region', { name: 'Recovery codes' })
  await codes.getByRole('button', { name: 'Make new recovery codes' }).click()
  await forgetCodesOf('ines')
  await codes.getByLabel('One-time code').fill(await codeOf('ines'))
  await codes.getByLabel('Your password', { exact: true }).fill('wrong wrong wrong')
  await codes.getByRole('button', { name: 'Make new recovery codes' }).click()
  await expect(codes.getByText('This is not your password').first()).toBeVisible()
  await codes.getByLabel('Your password', { exact: true }).fill(accountOf('ines').password)
  await forgetCodesOf('ines')
  await codes.getByLabel('One-time code').fill(await codeOf('ines'))
  await codes.getByRole('button', { name: 'Make new recovery codes' }).click()
  await page.waitForURL('**/recovery-codes')

  // What the device still holds opens nothing, and the answer says what to do.
  await page.context().clearCookies()
  await page.goto('/sign-in')
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await expect(page.getByText('This passkey does not open an account here.')).toBeVisible()
  expect(new URL(page.url()).pathname).toBe('/sign-in')
})

test('whoever cancels at the device stays where they are and is told so', async ({ page }) => {
  await withDevice(page, { unlocks: false })
  await page.goto('/sign-in')
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await expect(page.getByText('No passkey was used.')).toBeVisible()
  await expect(page.getByLabel('Email')).toBeVisible()
})
