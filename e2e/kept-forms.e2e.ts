import { rows } from './support/database.ts'
import { accountIdOf, codeOf, expect, forgetCodesOf, test } from './support/people.ts'
import { recordIds } from './support/records.ts'

// React empties a form once its action has answered. What somebody chose or typed has to be there still when they are asked for a
// code, or for one field more: the second press would otherwise say something else than the first.

const staleAdmins = () =>
  rows(
    `UPDATE app.session SET second_factor_at = app.now() - interval '6 minutes' WHERE ended_at IS NULL AND role = 'admin'`,
  )

test('a last day, a reason and a role are still there when a code is asked for', async ({ as }) => {
  const page = await as('ada')
  const tomasz = await accountIdOf('tomasz')
  const endOf = async () => {
    const [account] = await rows<{ end: string | null }>(
      `SELECT to_char(ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS end FROM app.account WHERE id = $1`,
      [tomasz],
    )
    return account?.end
  }
  await staleAdmins()
  await page.goto(`/admin/people/${tomasz}`)
  await page.getByLabel('Why', { exact: true }).selectOption('lost-factors')
  await page.getByRole('button', { name: 'Ask for it' }).click()
  await expect(page.getByLabel('One-time code')).toBeVisible()
  await expect(page.getByLabel('Why', { exact: true })).toHaveValue('lost-factors')

  await page.goto(`/admin/people/${tomasz}`)
  await page.getByLabel('Last day of work').fill('2031-05-30')
  await page.getByRole('button', { name: 'Set the last day' }).click()
  await expect(page.getByLabel('One-time code')).toBeVisible()
  await expect(page.getByLabel('Last day of work')).toHaveValue('2031-05-30')
  // A wrong code neither takes the day away nor stands in the way of the next one.
  await page.getByLabel('One-time code').fill('000000')
  await page.getByRole('button', { name: 'Set the last day' }).click()
  await expect(page.getByLabel('One-time code')).toHaveValue('')
  await expect(page.getByLabel('Last day of work')).toHaveValue('2031-05-30')
  await forgetCodesOf('ada')
  await page.getByLabel('One-time code').fill(await codeOf('ada'))
  await page.getByRole('button', { name: 'Set the last day' }).click()
  await expect(page.getByText('The end is set.')).toBeVisible()
  // at midnight after it, in the clinic's zone
  expect(await endOf()).toBe('2031-05-31')
  await page.getByLabel('Last day of work').fill('')
  await page.getByRole('button', { name: 'Set the last day' }).click()
  await expect(page.getByText('No end is set any more.')).toBeVisible()

  await staleAdmins()
  await page.goto('/admin/single-sign-on')
  const roles = page.getByRole('form', { name: 'Roles' })
  for (const role of ['nurse', 'billing']) {
    await roles.getByLabel('Word of the provider').fill('kept-forms')
    await roles.getByLabel('Stands for the role').selectOption(role)
    await roles.getByRole('button', { name: 'Add', exact: true }).click()
    await expect(roles.getByLabel('One-time code')).toBeVisible()
    await expect(roles.getByLabel('Word of the provider')).toHaveValue('kept-forms')
    await expect(roles.getByLabel('Stands for the role')).toHaveValue(role)
  }
})

test('a disclosure that never took place stays so while the reason is missing', async ({ as }) => {
  const page = await as('carla')
  const { patient } = await recordIds()
  await page.goto(`/compliance/disclosures/${patient}`)
  await page.getByLabel('Day', { exact: true }).fill('2026-03-04')
  await page.getByLabel('Who received it').fill('A wrong address')
  await page.getByLabel('Kind').selectOption('public-health')
  await page.getByLabel('What was given').fill('A laboratory report')
  await page.getByLabel('Why', { exact: true }).fill('Recorded for the wrong patient.')
  await page.getByRole('button', { name: 'Record disclosure' }).click()
  await expect(page.getByText('The disclosure is in the ledger.')).toBeVisible()
  await page
    .getByRole('row', { name: /A wrong address/ })
    .getByRole('link')
    .click()
  await page.getByLabel('It never took place').check()
  await page.getByRole('button', { name: 'Write the correction' }).click()
  await expect(page.getByRole('alert', { name: 'There is a problem' })).toBeVisible()
  await expect(page.getByLabel('It never took place')).toBeChecked()
})

test('a view to be shared is still to be shared when its name is missing', async ({ as }) => {
  const page = await as('carla')
  await page.goto('/compliance/search')
  await page.getByLabel('Search as typed words').fill('last:24h')
  await page.getByRole('button', { name: 'Search by words' }).click()
  await page.waitForURL(/search=/)
  await page.getByText('Save this search as a view').click()
  await page.getByLabel('Share it with the other compliance officers').check()
  await page.getByRole('button', { name: 'Save view' }).click()
  await expect(page.getByText('Error:')).toBeAttached()
  await expect(page.getByLabel('Share it with the other compliance officers')).toBeChecked()
})

test('the days of a period that is refused are still there', async ({ as }) => {
  const page = await as('maria')
  await page.goto('/disclosures')
  await page.getByLabel('From').fill('2026-03-04')
  await page.getByLabel('To', { exact: true }).fill('2026-01-31')
  await page.getByRole('button', { name: 'Ask for the list' }).click()
  await expect(page.getByText('Those days cannot be asked for')).toBeVisible()
  await expect(page.getByLabel('From')).toHaveValue('2026-03-04')
  await expect(page.getByLabel('To', { exact: true })).toHaveValue('2026-01-31')
})
