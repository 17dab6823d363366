import { linkTo } from './support/letters.ts'
import { rows } from './support/database.ts'
import { accountIdOf, accountOf, codeOf, expect, forgetCodesOf, test } from './support/people.ts'

// A forgotten password and a letter that tells of a change: from the sign-in page to the locked account, as a person meets it.

test('a new password takes the letter and the second step; “this wasn’t me” in the next letter locks the account', async ({
  page,
}) => {
  const { email, password } = accountOf('siobhan')
  const siobhan = await accountIdOf('siobhan')
  const [before] = await rows<{ hash: string }>(
    'SELECT password_hash AS hash FROM app.account WHERE id = $1',
    [siobhan],
  )
  const next = 'lantern under the quiet birch'

  await page.goto('/sign-in')
  await page.getByRole('link', { name: 'Get a new password' }).click()
  // the same words for somebody whom nobody knows
  for (const address of ['nobody.at.all@mail.example', email]) {
    await page.goto('/forgot-password')
    await page.getByLabel('Email').fill(address)
    await page.getByRole('button', { name: 'Send me a link' }).click()
    await expect(page.getByText('If there is an account with this address')).toBeVisible()
  }

  const link = await linkTo('siobhan', 'recovery-link')
  await page.goto(link)
  // no page has the token in its address, and none asks for a password before the second step
  expect(new URL(page.url()).pathname).toBe('/reset-password')
  await expect(page.getByRole('heading', { name: 'Confirm that it is you' })).toBeVisible()
  await expect(page.getByLabel('New password')).toHaveCount(0)
  await page.getByLabel('One-time code or recovery code').fill('AAAAA-AAAAA')
  await page.getByRole('button', { name: 'Continue' }).click()
  await expect(page.getByRole('alert', { name: 'There is a problem' })).toContainText(
    'recovery code is not right',
  )
  await forgetCodesOf('siobhan')
  await page.getByLabel('One-time code or recovery code').fill(await codeOf('siobhan'))
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByLabel('New password').fill(email)
  await page.getByRole('button', { name: 'Set the new password' }).click()
  await expect(page.getByRole('alert', { name: 'There is a problem' })).toBeVisible()
  await page.getByLabel('New password').fill(next)
  await page.getByRole('button', { name: 'Set the new password' }).click()
  await expect(page.getByRole('heading', { name: 'Your new password is set' })).toBeFocused()
  // nobody was signed in by it, and the link is used up
  expect((await page.context().cookies()).map(({ name }) => name)).not.toContain('vigil-session')
  await page.goto(link)
  await expect(page.getByRole('heading', { name: 'This link does not work any more' })).toBeVisible()

  const signInWith = async (word: string): Promise<void> => {
    await page.goto('/sign-in')
    await page.getByLabel('Email').fill(email)
    await page.getByLabel('Password', { exact: true }).fill(word)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  }
  await signInWith(password)
  await expect(page.getByText('The email address or the password is not right')).toBeVisible()
  await signInWith(next)
  await page.waitForURL('**/second-factor')

  await page.goto(await linkTo('siobhan', 'password-changed'))
  expect(new URL(page.url()).pathname).toBe('/not-me')
  await page.getByRole('button', { name: 'It wasn’t me: lock my account' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Your account is locked' })).toBeVisible()
  await signInWith(next)
  await expect(page.getByText('The email address or the password is not right')).toBeVisible()

  await rows(`UPDATE app.account SET locked_at = NULL, status = 'active', password_hash = $2 WHERE id = $1`, [
    siobhan,
    before?.hash,
  ])
})

test('an address alone says of nothing that it was done', async ({ page }) => {
  for (const address of [
    '/not-me?done=locked',
    '/reset-password?done=set',
    '/confirm-address?done=confirmed',
  ]) {
    await page.goto(address)
    await expect(
      page.getByRole('heading', { name: 'This link does not work any more' }),
      address,
    ).toBeVisible()
  }
})

test('another email address is confirmed by the letter to it', async ({ as }) => {
  const page = await as('siobhan')
  const [before] = await rows<{ sealed: string; token: Buffer | null; even: Buffer | null }>(
    'SELECT email_sealed AS sealed, email_token AS token, email_token_even AS even FROM app.account WHERE id = $1',
    [await accountIdOf('siobhan')],
  )
  await page.goto('/security')
  await page.getByRole('link', { name: 'Change your email address' }).click()
  await page.getByLabel('New email address').fill('siobhan.elsewhere@mail.example')
  await page.getByLabel('Your password').fill('not this one at all')
  await page.getByRole('button', { name: 'Change email address' }).click()
  await expect(page.getByRole('alert', { name: 'There is a problem' })).toContainText(
    'not your present password',
  )
  await page.getByLabel('Your password').fill(accountOf('siobhan').password)
  await page.getByRole('button', { name: 'Change email address' }).click()
  await expect(page.getByText('We sent a link to the new address.')).toBeVisible()
  await page.goto(await linkTo('siobhan', 'confirm-address'))
  await page.getByRole('button', { name: 'Use this address' }).click()
  await expect(page.getByRole('heading', { name: 'Your email address is changed' })).toBeVisible()
  await page.goto('/security/email')
  await expect(page.getByText('siobhan.elsewhere@mail.example')).toBeVisible()
  await rows('UPDATE app.account SET email_sealed = $2, email_token = $3, email_token_even = $4 WHERE id = $1', [
    await accountIdOf('siobhan'), before?.sealed, before?.token, before?.even,
  ]) // prettier-ignore
})

test('an administrator alone can ask for a colleague’s new sign-in, and not agree to it', async ({ as }) => {
  const page = await as('ada')
  const tomasz = await accountIdOf('tomasz')
  await page.goto(`/admin/people/${tomasz}`)
  const card = page.locator('form', { has: page.getByRole('button', { name: 'Ask for it' }) })
  await card.getByLabel('Why').selectOption({ label: 'Forgot their password' })
  await card.getByRole('button', { name: 'Ask for it' }).click()
  await expect(page.getByText('This is the first half of the code')).toBeVisible()
  await page.goto('/admin')
  await page.getByRole('link', { name: /waits? for a second administrator/ }).click()
  await expect(page.getByText('Another administrator has to agree')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Agree' })).toHaveCount(0)
  await page.getByRole('button', { name: 'Close the request' }).click()
  await expect(page.getByText('Nothing waits for a second administrator.')).toBeVisible()
})
