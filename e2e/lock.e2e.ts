import { rows } from './support/database.ts'
import { accountIdOf, become, codeOf, expect, forgetCodesOf, test, watch } from './support/people.ts'
import { productUrl } from './support/product.ts'

// The lock of a shared workstation, and the ends of sessions that a person asks for.

test.describe.configure({ mode: 'serial' })

const record = /potassium|maria/i

test('Lock covers every tab and the Back button, and opens with the owner’s second factor alone', async ({
  browser,
  problems,
}) => {
  const context = await browser.newContext({ baseURL: productUrl })
  const before = await become(context, 'maria')
  await forgetCodesOf('maria')
  const [first, second] = [await context.newPage(), await context.newPage()]
  for (const page of [first, second]) watch(page, problems)
  await first.goto('/results')
  await second.goto('/home')
  await expect(first.getByText(record).first()).toBeVisible()

  // By keyboard, in one tab; nothing of the record is in either.
  await first.keyboard.press('Alt+Shift+KeyL')
  for (const page of [first, second]) {
    await page.waitForURL('**/locked**')
    await expect(page.getByRole('heading', { name: 'This screen is locked' })).toBeVisible()
    expect(await page.locator('body').innerText()).not.toMatch(record)
  }
  // Asking for a page, going back, or asking the server itself: locked.
  await second.goto('/home')
  await second.waitForURL('**/locked**')
  await second.goBack()
  await second.waitForURL('**/locked**')
  expect(await second.locator('body').innerText()).not.toMatch(record)
  const alive = await second.evaluate(async () => {
    const answer = await fetch('/api/session/touch', { method: 'POST' })
    return [answer.status, await answer.json()] as unknown
  })
  expect(alive).toEqual([401, { state: 'locked' }])

  // Somebody else's code does not open it, and says how many tries are left.
  await first.getByLabel('One-time code').fill(await codeOf('daniel'))
  await first.getByRole('button', { name: 'Unlock' }).click()
  await expect(first.getByRole('alert', { name: 'There is a problem' })).toContainText('4 tries are left')
  await first.getByLabel('One-time code').fill(await codeOf('maria'))
  await first.keyboard.press('Enter')
  await first.waitForURL('**/results')
  await expect(first.getByText(record).first()).toBeVisible()
  const after = (await context.cookies()).find(({ name }) => name === 'vigil-session')?.value
  expect(after).not.toBe(before)

  // The other tab goes on as soon as it is looked at.
  await second.bringToFront()
  await second.evaluate(() => window.dispatchEvent(new Event('focus')))
  await second.waitForURL('**/home')
  await context.close()
})

test('a person ends the others, and then all, after a fresh second factor', async ({ browser, problems }) => {
  const elsewhere = await browser.newContext({ baseURL: productUrl })
  await become(elsewhere, 'siobhan')
  const context = await browser.newContext({ baseURL: productUrl })
  await become(context, 'siobhan')
  await forgetCodesOf('siobhan')
  const [page, other] = [await context.newPage(), await elsewhere.newPage()]
  watch(page, problems)
  await rows(
    `UPDATE app.session SET second_factor_at = app.now() - interval '6 minutes' WHERE account_id = $1 AND ended_at IS NULL`,
    [await accountIdOf('siobhan')],
  )
  await page.goto('/security')
  const form = page.getByRole('form', { name: 'End all other sessions' })
  await form.getByRole('button', { name: 'End all other sessions' }).click()
  await form.getByLabel('One-time code').fill(await codeOf('siobhan'))
  await form.getByRole('button', { name: 'End all other sessions' }).click()
  await expect(page.getByText('All your other sessions were ended.')).toBeVisible()
  await other.goto('/home')
  await other.waitForURL('**/signed-out?reason=ended')
  await page.getByRole('button', { name: 'Sign out everywhere' }).click()
  await page.waitForURL('**/signed-out?reason=sign-out')
  for (const each of [context, elsewhere]) await each.close()
})

test('an administrator makes the limits of a role stricter, never laxer', async ({ as }) => {
  const page = await as('ada')
  await page.goto('/admin/settings')
  const form = page.getByRole('form', { name: 'Limits: Billing' })
  const minutes = form.getByLabel('Signed out without use after')
  await minutes.fill('30')
  await form.getByRole('button', { name: 'Save the limits: Billing' }).click()
  await expect(form.getByRole('alert', { name: 'There is a problem' })).toContainText('from 5 to 15')
  await form.getByLabel('Signed out without use after').fill('10')
  await form.getByRole('button', { name: 'Save the limits: Billing' }).click()
  await expect(page.getByText('the limits were saved and hold from now on')).toBeVisible()
  const [policy] = await rows<{ idle_minutes: number }>(
    `SELECT idle_minutes FROM app.role_policy WHERE role = 'billing'`,
  )
  expect(policy?.idle_minutes).toBe(10)
  await rows(`UPDATE app.role_policy SET idle_minutes = 15 WHERE role = 'billing'`)
})
