import { rows } from './support/database.ts'
import { codeOf, expect, forgetCodesOf, test } from './support/people.ts'
import { recordIds } from './support/records.ts'

// A compliance officer answers for one account of a review; what an answer does is shown by the tests of the database.

const stale = (): Promise<unknown> =>
  rows(
    `UPDATE app.session SET second_factor_at = app.now() - interval '6 minutes' WHERE ended_at IS NULL AND role = 'compliance'`,
  )

test('an answer asks for a fresh code, is kept, and moves the account to the answered ones', async ({
  as,
}) => {
  const { review } = await recordIds()
  const page = await as('carla')
  await page.goto('/compliance')
  await expect(page.getByRole('link', { name: /Access review: nurses/ })).toBeVisible()
  const answered = async () =>
    (await rows(`SELECT FROM audit.security_event_log WHERE event_type = 'ACCESS_REVIEW_ANSWERED'`)).length
  const before = await answered()
  await stale()
  await page.goto(`/compliance/access-reviews/${review}`)
  await page.getByText('Answer for Nadia Osei').click()
  const form = page.getByRole('form', { name: 'Answer for Nadia Osei' })
  await form.getByRole('button', { name: 'Save answer' }).click()
  await expect(form.getByRole('alert', { name: 'There is a problem' })).toContainText('Choose what')
  await form.getByRole('radio', { name: 'Keep' }).check()
  await forgetCodesOf('carla')
  await form.getByLabel('One-time code').fill(await codeOf('carla'))
  await form.getByRole('button', { name: 'Save answer' }).click()
  await expect(page.getByText('The answer was saved.')).toBeVisible()
  await expect(page.getByRole('row', { name: /Nadia Osei/ })).toContainText('Kept')
  await expect(page.getByText('Answer for Nadia Osei')).toHaveCount(0)
  expect(await answered()).toBe(before + 1)
})
