import { rows } from './support/database.ts'
import { recordIds } from './support/records.ts'
import { expect, test, watch } from './support/people.ts'

// "Who opened this record then?": a newcomer's way to the answer, and what can be asked beyond it.

const zone = 'America/Chicago'

/** Somebody's committed look at Maria's record, as a clock on the wall of the clinic showed it. */
async function aLook(): Promise<{ name: string; day: string; time: string }> {
  const { patient } = await recordIds()
  const [look] = await rows<{ name: string; day: string; time: string }>(
    `SELECT a.display_name AS name, to_char(l.accessed_at AT TIME ZONE '${zone}', 'YYYY-MM-DD') AS day, to_char(l.accessed_at AT TIME ZONE '${zone}', 'HH24:MI') AS time
       FROM audit.patient_phi_audit_log l JOIN app.account a ON a.id = l.actor_user_id
      WHERE l.patient_id = $1 AND l.outcome = 'ALLOWED' AND a.role IN ('nurse', 'clinician', 'billing') ORDER BY l.accessed_at DESC LIMIT 1`,
    [patient],
  )
  if (!look) throw new Error('nobody has looked at Maria’s record')
  return look
}

test('a newcomer gets the answer by one form and one click, in less than fifteen seconds', async ({
  as,
  problems,
}) => {
  const nurse = await as('nadia')
  const { patient } = await recordIds()
  await nurse.goto(`/care/patients/${patient}`)
  await expect(nurse.locator('h1')).toBeVisible()
  const { name, day, time } = await aLook()

  const page = await as('carla')
  watch(page, problems)
  await page.goto('/compliance')
  const begun = Date.now()
  await page.getByLabel(/family name/i).fill('Reyes')
  await page.getByLabel(/^given name/i).fill('Maria')
  await page.getByLabel('Day', { exact: true }).fill(day)
  await page.getByLabel(/^time, within/i).fill(time)
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  const answer = page.getByRole('status').filter({ hasText: /opened the record P-/ })
  await expect(answer).toContainText(name)
  expect(Date.now() - begun).toBeLessThan(15_000)

  expect(new URL(page.url()).search).not.toMatch(/reyes|maria/i)
  await expect(page.getByRole('table')).not.toContainText('Reyes')
  const [asked] = await rows<{ detail: { patients: string[]; from: string; to: string } }>(
    `SELECT detail FROM audit.security_event_log WHERE event_type = 'AUDIT_SEARCH' AND outcome = 'DONE' ORDER BY seq DESC LIMIT 1`,
  )
  expect(asked?.detail.patients).toEqual([patient])
  expect(Date.parse(asked?.detail.to ?? '') - Date.parse(asked?.detail.from ?? '')).toBe(11 * 60_000)
})

test('a time that the clocks skipped is refused with a sentence; a quiet minute is answered with what it rests on', async ({
  as,
}) => {
  const page = await as('carla')
  await page.goto('/compliance')
  await page.getByLabel(/family name/i).fill('Reyes')
  await page.getByLabel(/^given name/i).fill('Maria')
  await page.getByLabel('Day', { exact: true }).fill('2026-03-08')
  await page.getByLabel(/^time, within/i).fill('02:14')
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await expect(page.getByRole('alert').getByText(/does not exist on that day/)).toBeVisible()
  await page.getByLabel(/^time, within/i).fill('03:14')
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await expect(page.getByText(/^Nobody: no access is recorded/)).toContainText(/verified/)
})

test('a typed query becomes the form, is kept as a view, and leads on to an entry, its patient and its person', async ({
  as,
  problems,
}) => {
  const page = await as('carla')
  watch(page, problems)
  await page.goto('/compliance/search')
  await page.getByLabel('Search as typed words').fill('who:"Nadia Osei" outcome:ALLOWED last:24h')
  await page.getByRole('button', { name: 'Search by words' }).click()
  await expect(page.getByText(/person opened a record/)).toContainText('Nadia Osei')
  expect(page.url()).not.toMatch(/nadia|osei/i)
  await page.getByText('Change this search').click()
  await expect(page.getByLabel('Person')).toHaveValue(/^[0-9a-f-]{36}$/)
  await expect(page.getByLabel('Search as typed words')).toHaveValue(
    `who:"Nadia Osei" outcome:ALLOWED last:24h zone:${zone}`,
  )
  await page.getByRole('link', { name: 'Part and fields' }).click()
  await expect(page).toHaveURL(/sort=part/)
  await expect(page.getByRole('columnheader', { name: 'Part and fields' })).toHaveAttribute(
    'aria-sort',
    'ascending',
  )

  await page.getByText('Save this search as a view').click()
  await page.getByLabel('Name of the view').fill('Nadia, last day')
  await page.getByRole('button', { name: 'Save view' }).click()
  await expect(page.getByText(/^Saved\./)).toBeVisible()
  await page.goto('/compliance/search')
  const view = page.getByRole('listitem').filter({ hasText: 'Nadia, last day' })
  await view.getByRole('button', { name: 'Run' }).click()
  await expect(page.getByText(/person opened a record/)).toBeVisible()

  await page
    .getByRole('link', { name: /^\d{4}-\d{2}-\d{2} / })
    .first()
    .click()
  await expect(page.getByRole('heading', { name: 'Audit entry' })).toBeVisible()
  await expect(page.getByText(/^Sealed/).first()).toBeVisible()
  const entry = page.url()
  await page.getByRole('link', { name: 'All about this patient' }).click()
  await expect(page.locator('h1')).toHaveText(/^Record P-[0-9A-Z]{10}$/)
  await page.goto(entry)
  await page.getByRole('link', { name: 'All by this person' }).click()
  await expect(page.locator('h1')).toHaveText('Nadia Osei')
  await expect(page.getByRole('img', { name: /Every|every number/ })).toBeVisible()
})
