import { expect, signIn, test, watch } from './support/people.ts'
import { rows } from './support/database.ts'
import { recordIds } from './support/records.ts'

// The story of the first release, in the browser, with every safeguard on: what each person does, and what each of
// them must never see.

test.describe.configure({ mode: 'serial' })

const noteTitle = 'Nurse visit: blood pressure check'
const noteBody = 'Feels well. Took the morning dose. Will repeat potassium this week.'

test('Maria signs in with a password and a one-time code, and her newest result is one click away', async ({
  page,
  problems,
}) => {
  watch(page, problems)
  await signIn(page, 'maria')
  await expect(page).toHaveURL(/\/home$/)
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Maria')
  let clicks = 0
  await page
    .getByRole('link', { name: /potassium/i })
    .first()
    .click()
  clicks++
  await expect(page).toHaveURL(/\/results\/[0-9a-f-]{36}$/)
  expect(clicks).toBe(1)
  await expect(page.getByRole('heading', { level: 1 })).toContainText(/potassium/i)
  await expect(page.getByText(/above the usual range/i).first()).toBeVisible()
  await expect(page.getByText('5.6').first()).toBeVisible()
  await expect(page.getByText(/3\.5 to 5\.1/).first()).toBeVisible()
  await expect(page.getByRole('table').first()).toBeVisible()
  await expect(page.locator('figure svg').first()).toBeVisible()
  // nothing of the record stands in the title or the address
  expect(await page.title()).not.toMatch(/potassium|maria|reyes/i)
})

test('Nadia finds Maria on her worklist, opens the chart, enters vitals and writes a note', async ({
  page,
  problems,
}) => {
  watch(page, problems)
  await signIn(page, 'nadia')
  await expect(page).toHaveURL(/\/care$/)
  await page
    .getByRole('link', { name: /Maria.*Reyes/ })
    .first()
    .click()
  await expect(page).toHaveURL(/\/care\/patients\/[0-9a-f-]{36}$/)
  await expect(page.getByText(/penicillin/i).first()).toBeVisible()

  await page.getByRole('link', { name: 'Vitals', exact: true }).click()
  await expect(page).toHaveURL(/\/vitals$/)
  await page.getByRole('textbox', { name: /systolic/i }).fill('128')
  await page.getByRole('textbox', { name: /diastolic/i }).fill('82')
  await page.getByRole('textbox', { name: /pulse|heart rate/i }).fill('74')
  await page.getByRole('button', { name: /save vitals/i }).click()
  await expect(page.getByText('128/82').first()).toBeVisible()

  await page.getByRole('link', { name: 'Notes', exact: true }).click()
  await page
    .getByRole('link', { name: /write a note|new note/i })
    .first()
    .click()
  await page.getByRole('textbox', { name: /title/i }).fill(noteTitle)
  await page.getByRole('textbox', { name: /^(note|text)/i }).fill(noteBody)
  await page.getByRole('button', { name: /sign note/i }).click()
  await expect(page.getByText(noteBody)).toBeVisible()
})

test('Ben sees charges and claims and not one clinical word, and the note answers him as if it did not exist', async ({
  page,
  problems,
}) => {
  watch(page, problems)
  const ids = await recordIds()
  await signIn(page, 'ben')
  await expect(page).toHaveURL(/\/billing$/)
  await page
    .getByRole('link', { name: /Maria.*Reyes/ })
    .first()
    .click()
  await expect(page.getByRole('heading', { name: 'Claims' })).toBeVisible()
  await expect(page.getByText(/Laboratory service|Office visit/).first()).toBeVisible()
  for (const button of await page.getByText('Every line of the claims').all()) await button.click()
  await expect(page.locator('body')).not.toContainText(
    /potassium|hypertension|kidney|penicillin|lisinopril|metformin|diabetes/i,
  )
  const note = await page.goto(`/care/patients/${ids.patient}/notes/${ids.note}`)
  expect(note?.status()).toBe(404)
  await expect(page.locator('body')).not.toContainText(/blood pressure|Maria|Reyes/i)
})

test('Ada manages people and sees no patient', async ({ page, problems }) => {
  watch(page, problems)
  const ids = await recordIds()
  await signIn(page, 'ada')
  await expect(page).toHaveURL(/\/admin$/)
  await expect(page.getByRole('link', { name: 'Nadia Osei' })).toBeVisible()
  await expect(page.locator('body')).not.toContainText(/Maria|Reyes|Siobh/)
  for (const path of [
    `/care/patients/${ids.patient}`,
    `/billing/accounts/${ids.patient}`,
    `/results/${ids.result}`,
  ]) {
    const answer = await page.goto(path)
    expect([403, 404], path).toContain(answer?.status())
  }
})

test('Carla asks who opened Maria’s record just now, and gets the answer with one form, field names included', async ({
  page,
  problems,
}) => {
  watch(page, problems)
  await signIn(page, 'carla')
  await expect(page).toHaveURL(/\/compliance$/)
  await page.getByLabel(/family name/i).fill('Reyes')
  await page.getByLabel(/^given name/i).fill('Maria')
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await expect(page.getByText(/people opened the record/)).toBeVisible()
  await expect(page.getByRole('table')).toContainText('Nadia Osei')
  await expect(page.getByRole('table')).toContainText('Observation')
  expect(new URL(page.url()).search).not.toMatch(/reyes|maria/i)
  // patients are references, never names, outside of the form that Carla typed into herself
  await expect(page.getByRole('table')).not.toContainText('Reyes')
  await page
    .getByRole('link', { name: /^\d{4}-\d{2}-\d{2}/ })
    .first()
    .click()
  await expect(page.getByRole('heading', { name: 'Audit entry' })).toBeVisible()
  const [asked] = await rows<{ n: number }>(
    `SELECT count(*)::int AS n FROM audit.security_event_log WHERE event_type IN ('AUDIT_SEARCH', 'AUDIT_EVENT_OPENED')`,
  )
  expect(asked?.n).toBeGreaterThanOrEqual(2)
})

test('Maria sees in one click that Nadia looked: when, which part and why', async ({ as }) => {
  const page = await as('maria')
  await page.goto('/home')
  await page.getByRole('link', { name: /who/i }).first().click()
  await expect(page).toHaveURL(/\/who-looked$/)
  await expect(page.getByText('Nadia Osei').first()).toBeVisible()
  await expect(page.getByText(/vital/i).first()).toBeVisible()
  await expect(page.getByText(/treatment/i).first()).toBeVisible()
  await expect(page.getByText(/care team/i).first()).toBeVisible()
  await expect(page.getByText('Ben Ashby').first()).toBeVisible()
})
