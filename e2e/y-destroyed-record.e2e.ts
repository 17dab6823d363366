import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Page } from '@playwright/test'
import { axeFaults, wcagRules } from './support/axe-faults.ts'
import { rows, vigil } from './support/database.ts'
import { accountIdOf, accountOf, codeOf, expect, forgetCodesOf, test, type Person } from './support/people.ts'

// What people see of a record that was destroyed. It is gone for good, so this runs behind all that need it: hence its name.

test.describe.configure({ mode: 'serial' })

const directory = mkdtempSync(path.join(tmpdir(), 'vigil-destroyed-'))
test.afterAll(() => {
  rmSync(directory, { recursive: true, force: true })
})

let patient: string
test.beforeAll(async () => {
  const [row] = await rows<{ patient_id: string }>(
    `SELECT patient_id FROM phi.record_grant WHERE account_id = $1 AND kind = 'self'`,
    [await accountIdOf('siobhan')],
  )
  if (!row) throw new Error('the demo clinic lacks a record')
  patient = row.patient_id
})

/** Runs a verb in a person's name, with a code that counts also when it was used already. */
async function as(person: Person, ...words: string[]): Promise<string> {
  const { email, password } = accountOf(person)
  const file = path.join(directory, person)
  writeFileSync(file, password, { mode: 0o600 })
  await forgetCodesOf(person)
  return vigil(...words, '--as', email, '--password-file', file, '--code', await codeOf(person), '--json')
}

const heading = (page: Page) => page.getByRole('heading', { level: 1 })
const expectAccessible = async (page: Page): Promise<void> =>
  expect(await axeFaults(page, wcagRules)).toEqual([])

/** Opens an address and says how it was answered in the end, and where. */
async function open(page: Page, address: string): Promise<{ status: number | undefined; at: string }> {
  const answer = await page.goto(address)
  return { status: answer?.status(), at: new URL(page.url()).pathname }
}

test('two people destroy a record on the command line', async ({ as: become }) => {
  const page = await become('nadia')
  expect(await open(page, `/care/patients/${patient}`), 'control: it opens').toEqual({
    status: 200,
    at: `/care/patients/${patient}`,
  })
  const why = ['--reason', 'Asked for by letter of 12 November']
  const asked = await as('ada', 'keys', 'shred', '--patient', patient, ...why)
  const { requestId } = JSON.parse(asked) as { requestId: string }
  const done = JSON.parse(await as('carla', 'keys', 'shred', '--confirm', requestId)) as {
    keyVersions: number
  }
  expect(done.keyVersions).toBeGreaterThan(0)
})

test('a kept address leads to a page that says so, in care and in billing', async ({ as: become }) => {
  const destroyed = { status: 200, at: `/record-destroyed/${patient}` }
  const nurse = await become('nadia')
  for (const part of ['', '/results', '/vitals', '/notes', '/team']) {
    expect(await open(nurse, `/care/patients/${patient}${part}`)).toEqual(destroyed)
    await expect(heading(nurse)).toHaveText('This record was destroyed')
  }
  await expect(nurse.getByText('after two people had decided it')).toBeVisible()
  await expectAccessible(nurse)
  const billing = await become('ben')
  expect(await open(billing, `/billing/accounts/${patient}`)).toEqual(destroyed)
  // Who is in no relation to the patient learns nothing.
  const stranger = await become('tomasz')
  expect((await open(stranger, `/care/patients/${patient}`)).status).toBe(404)
  expect((await open(stranger, `/record-destroyed/${patient}`)).status).toBe(404)
})

test('lists go on without it', async ({ as: become }) => {
  const nurse = await become('nadia')
  expect((await open(nurse, '/care')).status).toBe(200)
  expect(await nurse.getByRole('row').count()).toBeGreaterThan(3)
  await expect(nurse.locator(`a[href*="${patient}"]`)).toHaveCount(0)
  const billing = await become('ben')
  expect((await open(billing, '/billing')).status).toBe(200)
  expect(await billing.getByRole('row').count()).toBeGreaterThan(3)
  await expect(billing.locator(`a[href*="${patient}"]`)).toHaveCount(0)
})

test('its patient signs in, is told so, and still sees who looked', async ({ as: become }) => {
  const page = await become('siobhan')
  for (const address of ['/home', '/results', '/summary', '/notes']) {
    expect(await open(page, address)).toEqual({ status: 200, at: `/record-destroyed/${patient}` })
    await expect(heading(page)).toHaveText('Your record was destroyed')
  }
  await expectAccessible(page)
  await page.getByRole('link', { name: 'See who looked' }).click()
  await expect(heading(page)).toHaveText('Who looked at your record')
  await expect(page.getByText('Nadia Osei').first()).toBeVisible()
})
