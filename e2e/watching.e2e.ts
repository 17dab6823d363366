import { randomUUID } from 'node:crypto'
import { rows } from './support/database.ts'
import { accountIdOf, codeOf, expect, forgetCodesOf, test } from './support/people.ts'
import { recordIds } from './support/records.ts'

// From the overview to a decision: what a compliance officer does with something that looks odd.

const stale = (): Promise<unknown> =>
  rows(
    `UPDATE app.session SET second_factor_at = app.now() - interval '6 minutes' WHERE ended_at IS NULL AND role = 'compliance'`,
  )

test('a case is found from the overview, says why, and is decided once with a fresh code and a reason that is kept', async ({
  as,
}) => {
  const { patient } = await recordIds()
  const [made] = await rows<{ id: string }>(
    `INSERT INTO audit.watch_case (actor_id, patient_id, day, score, findings, tags, rank)
     VALUES ($1, $2, '2026-01-06', 8.1, '[{"rule":"D2","weight":5.1,"numbers":{"bits":8.1}},{"rule":"D8","weight":3,"numbers":{"minute":134,"from":480,"to":1025}}]', '{}', 1)
     RETURNING id`,
    [await accountIdOf('nadia'), patient],
  )
  const page = await as('carla')
  await page.goto('/compliance')
  await page.getByRole('link', { name: /cases? to look at/ }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Cases')
  await page.locator(`a[href="/compliance/cases/${made?.id}"]`).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Case')
  await expect(
    page.getByText('Opened at 02:14; this person usually works from 08:00 to 17:05.'),
  ).toBeVisible()
  await expect(page.getByText('about one patient in 274')).toBeVisible()

  await page.getByRole('button', { name: 'Record the decision' }).click()
  await expect(page.getByRole('alert', { name: 'There is a problem' })).toBeVisible()
  await page.getByLabel('It is explained').check()
  await page.getByLabel('Reason').fill('She covered for a colleague that night; the roster shows it.')
  await stale()
  await page.getByRole('button', { name: 'Record the decision' }).click()
  await expect(page.getByRole('alert', { name: 'There is a problem' })).toContainText(
    'Enter a one-time code from your app',
  )
  // what was written stays
  await expect(page.getByLabel('Reason')).toHaveValue(/the roster shows it/)
  await forgetCodesOf('carla')
  await page.getByLabel('One-time code').fill(await codeOf('carla'))
  await page.getByRole('button', { name: 'Record the decision' }).click()
  await expect(page.getByText('Your decision was recorded.')).toBeVisible()
  await expect(page.locator(`a[href="/compliance/cases/${made?.id}"]`)).toHaveCount(0)

  await page.goto(`/compliance/cases/${made?.id}`)
  await expect(page.getByText('She covered for a colleague that night; the roster shows it.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Record the decision' })).toHaveCount(0)
  const kept = await rows<{ content_sealed: string }>(
    `SELECT t.content_sealed FROM app.sealed_text t JOIN audit.watch_decision d ON d.reason_text_id = t.id WHERE d.case_id = $1`,
    [made?.id],
  )
  expect(JSON.stringify(kept)).not.toContain('roster')
})

test('a mark is ended with a fresh code', async ({ as }) => {
  const page = await as('carla')
  await page.goto('/compliance/cases/records')
  await expect(page.getByLabel('One-time code')).toHaveCount(0)
  const [mark] = await rows<{ id: string }>(
    `INSERT INTO audit.watch_mark (id, patient_id, kind, noted_at, noted_by) VALUES (gen_random_uuid(), $1, 'CONFIDENTIAL', app.now(), $2) RETURNING id`,
    [randomUUID(), await accountIdOf('ada')],
  )
  await stale()
  await page.reload()
  // one for the form; a row asks when its button was pressed
  await expect(page.getByLabel('One-time code')).toHaveCount(1)
  const row = page.getByRole('row').filter({ hasText: 'Ada Lind' })
  await row.getByRole('button', { name: /^End/ }).click()
  await expect(row.getByRole('alert', { name: 'There is a problem' })).toContainText('Enter a one-time code')
  await forgetCodesOf('carla')
  await row.getByLabel('One-time code').fill(await codeOf('carla'))
  await row.getByRole('button', { name: /^End/ }).click()
  await expect(page.getByText('The mark was ended.')).toBeVisible()
  expect(
    await rows('SELECT FROM audit.watch_mark WHERE id = $1 AND ended_at IS NOT NULL', [mark?.id]),
  ).toHaveLength(1)
})
