import type { Page } from '@playwright/test'
import { readFile } from 'node:fs/promises'
import { axeFaults } from './support/axe-faults.ts'
import { rows } from './support/database.ts'
import { expect, test } from './support/people.ts'
import { recordIds } from './support/records.ts'

// The patient's side of the trail, whole: an access that she does not recognise, the answer, its proof; and to whom her
// information was given.

test.describe.configure({ mode: 'serial' })

test('an access is reported in three steps, answered by compliance, and read again', async ({ as }) => {
  const nadia = await as('nadia')
  const { patient } = await recordIds()
  await nadia.goto(`/care/patients/${patient}`)
  const maria = await as('maria')
  await maria.goto('/who-looked')
  await maria.getByRole('link', { name: /recognize this ?: Nadia Osei/ }).first().click()
  await expect(maria.getByRole('heading', { name: 'One access' })).toBeFocused()
  await maria.getByRole('link', { name: 'I don’t recognize this' }).click()
  await maria.getByRole('button', { name: 'Send report' }).click()
  await expect(maria.getByRole('alert', { name: 'There is a problem' })).toContainText('Tell us in a few words')
  await maria.getByRole('textbox', { name: 'What worries you about it?' }).fill('I was not at the clinic that day.')
  await maria.getByRole('button', { name: 'Send report' }).click()
  await expect(maria).toHaveURL(/\/reports\?done=(already-)?reported$/)
  await expect(maria.getByText('I was not at the clinic that day.').first()).toBeVisible()

  const carla = await as('carla')
  await carla.goto('/compliance')
  await carla.getByRole('link', { name: /concerns? waits? for an answer/ }).click()
  const [concern] = await rows<{ id: string }>('SELECT id FROM phi.concern WHERE patient_id = $1 ORDER BY reported_at DESC LIMIT 1', [patient])
  await carla.getByRole('table').first().locator(`a[href$="${concern?.id}"]`).click()
  await expect(carla.getByText('I was not at the clinic that day.')).toBeVisible()
  expect(await carla.content()).not.toContain('Reyes')
  await carla.getByRole('textbox', { name: 'Add a note' }).fill('Asked the ward.')
  await carla.getByRole('button', { name: 'Keep note' }).click()
  await expect(carla.getByText('The note is kept.')).toBeVisible()
  await look(carla)
  await carla.getByRole('textbox', { name: 'What the patient will read' }).fill('Nadia Osei prepared your next visit. That is part of your care.')
  await carla.getByRole('button', { name: 'Send answer' }).click()
  await expect(carla.getByText('The answer is sent.')).toBeVisible()

  await maria.goto('/reports')
  await expect(maria.getByText('Nadia Osei prepared your next visit.').first()).toBeVisible()
  expect(await maria.content()).not.toContain('Asked the ward.')
  await look(maria)
}) // prettier-ignore

test('an entry is proven in plain words, and the file is what the verifier takes', async ({ as }) => {
  const maria = await as('maria')
  await maria.goto('/who-looked')
  await maria.getByRole('link', { name: /recognize this ?: Nadia Osei/ }).first().click() // prettier-ignore
  await expect(maria.getByRole('heading', { name: 'One access' })).toBeFocused()
  await expect(async () => {
    await maria.reload()
    await expect(maria.getByText('Sealed', { exact: true })).toBeVisible({ timeout: 2000 })
  }).toPass()
  await look(maria)
  await maria.getByText('The proof, for people who check it').click()
  const [file] = await Promise.all([
    maria.waitForEvent('download'),
    maria.getByRole('link', { name: 'Download the proof' }).click(),
  ])
  expect(file.suggestedFilename()).toBe('evidence.json')
  const text = await readFile(await file.path(), 'utf8')
  const { verifyEvidence } = await import('#lib/verifier/verify.mjs')
  const { verifierKey } = JSON.parse(text) as { verifierKey: string }
  expect(verifyEvidence(text, verifierKey)).toMatchObject({ entries: 1 })
  expect(() => verifyEvidence(text.replace('nurse', 'admin'), verifierKey)).toThrow('not in the signed tree')
})

test('the list is taken along as a file, and the accounting is asked for, given and downloaded', async ({
  as,
}) => {
  const { patient } = await recordIds()
  const carla = await as('carla')
  await carla.goto(`/compliance/disclosures/${patient}`)
  await carla.getByLabel('Day', { exact: true }).fill('2026-03-03')
  await carla.getByLabel('Who received it').fill('County health department')
  await carla.getByLabel('Kind').selectOption('public-health')
  await carla.getByLabel('What was given').fill('A laboratory report')
  await carla.getByLabel('Why', { exact: true }).fill('State law asks laboratories to report it.')
  await carla.getByRole('button', { name: 'Record disclosure' }).click()
  await expect(carla.getByText('The disclosure is in the ledger.')).toBeVisible()

  const maria = await as('maria')
  await maria.goto('/disclosures')
  await maria.getByRole('button', { name: 'Ask for the list' }).click()
  await expect(maria.getByText(/We have your request|asked for these days already/)).toBeVisible()
  await look(maria)
  await carla.reload()
  await look(carla)
  await carla.getByRole('button', { name: 'Give the accounting' }).first().click()
  await expect(carla.getByText('The patient has the accounting.')).toBeVisible()
  await maria.reload()
  for (const [path, link] of [
    ['/disclosures', /Download PDF/],
    ['/who-looked', /^PDF/],
  ] as const) {
    await maria.goto(path)
    const [file] = await Promise.all([
      maria.waitForEvent('download'),
      maria.getByRole('link', { name: link }).first().click(),
    ])
    const bytes = await readFile(await file.path())
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-')
    expect(bytes.includes('/StructTreeRoot')).toBe(true)
    expect(file.suggestedFilename()).not.toMatch(/maria|reyes/i)
  }
})

/** Faults that axe finds on what is shown. */
const look = async (page: Page): Promise<void> => expect(await axeFaults(page)).toEqual([])
