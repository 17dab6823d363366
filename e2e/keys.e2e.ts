import { spawn } from 'node:child_process'
import { ask } from './support/ask.ts'
import { rows, vigil } from './support/database.ts'
import { accountOf, codeOf, expect, forgetCodesOf, sessionOf, test } from './support/people.ts'
import { productHome, productUrl } from './support/product.ts'
import { recordIds } from './support/records.ts'

// The administrator's page of keys, and new passwords under the hands of people.

test.describe.configure({ mode: 'serial' })

const aged = (name: string, days: number): Promise<unknown> =>
  rows(`UPDATE app.credential SET changed_at = app.now() - $2 * interval '1 day' WHERE name = $1`, [
    name,
    days,
  ])

test('says in a sentence whether keys are in time, and names no key and no patient', async ({ as }) => {
  const page = await as('ada')
  await page.goto('/admin')
  await page.getByRole('link', { name: 'Keys' }).first().click()
  await expect(page.getByRole('heading', { level: 1, name: 'Keys' })).toBeVisible()
  await expect(page.getByText('All keys are in time.')).toBeVisible()
  for (const kind of ['Root key', 'Key-encryption key', 'Data keys', 'Search index key', 'Database passwords', 'Session secret'])
    await expect(page.getByRole('rowheader', { name: kind }).first()).toBeVisible() // prettier-ignore
  const { patient } = await recordIds()
  const text = await page.content()
  expect(text).not.toContain(patient)
  expect(text).not.toMatch(/demo-[A-Za-z0-9_-]{20,}/)
  await expect(page.getByRole('definition').filter({ hasText: 'A key ring on disk' })).toBeVisible()
})

test('raises an alarm on both pages as long as something is overdue', async ({ as }) => {
  const page = await as('ada')
  await aged('worker', 100)
  try {
    await page.goto('/admin')
    await expect(page.getByText('Older than allowed')).toBeVisible()
    await page.getByRole('link', { name: 'Look at the keys' }).click()
    await expect(page.getByText('100 days old, at most 90')).toBeVisible()
    await expect(page.getByRole('row', { name: /Database passwords/ })).toContainText('Overdue')
  } finally {
    await aged('worker', 0)
  }
  await page.goto('/admin')
  await expect(page.getByText('Older than allowed')).toHaveCount(0)
})

test('saves a stricter schedule after a fresh code, and never a laxer one', async ({ as }) => {
  const page = await as('ada')
  await rows(
    `UPDATE app.session SET second_factor_at = app.now() - interval '6 minutes' WHERE ended_at IS NULL AND role = 'admin'`,
  )
  await page.goto('/admin/keys')
  const group = page.getByRole('group', { name: 'Search index key' })
  await group.getByLabel('Greatest age').fill('731')
  await page.getByRole('button', { name: 'Save schedule' }).click()
  await expect(page.getByRole('alert', { name: 'There is a problem' })).toContainText('from 1 to 730')
  await expect(group.getByLabel('Greatest age')).toHaveValue('731')

  await group.getByLabel('Greatest age').fill('365')
  await page.getByRole('button', { name: 'Save schedule' }).click()
  await expect(page.getByRole('alert', { name: 'There is a problem' })).toContainText('one-time code')
  const limits = () =>
    rows<{ days_max: number }>(`SELECT days_max FROM app.key_policy WHERE kind = 'index-key'`)
  expect(await limits()).toEqual([{ days_max: 730 }])

  await forgetCodesOf('ada')
  await page.getByLabel('One-time code').fill(await codeOf('ada'))
  await page.getByRole('button', { name: 'Save schedule' }).click()
  await expect(page.getByText('The schedule was saved.')).toBeVisible()
  expect(await limits()).toEqual([{ days_max: 365 }])
  await expect(group.getByLabel('Greatest age')).toHaveValue('365')
  await rows(`UPDATE app.key_policy SET days_max = days_limit`)
})

test('new passwords and a new secret fail no request, and a sign-in under way goes on', async ({
  browser,
}) => {
  const token = await sessionOf('ada')
  const statuses = new Map<number, number>()
  let stopping = false
  const paths = ['/admin', '/admin/keys', '/admin/sessions', '/security', '/api/ready']
  const clients = Array.from({ length: 8 }, async (_, first) => {
    for (let turn = first; !stopping; turn += 1) {
      const { status } = await ask(paths[turn % paths.length] ?? '/', { token })
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  })

  const context = await browser.newContext({ baseURL: productUrl })
  const page = await context.newPage()
  const { email, password } = accountOf('carla')
  await page.goto('/sign-in')
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('**/second-factor')

  // Not the superuser: this test's own connections use it.
  const logins = 'app,worker,sealer,audit_reader,owner,keystore,keystore_owner,session'
  const before = vigil('db', 'url', 'app')
  const ended = await new Promise<{ status: number | null; out: string }>((resolve) => {
    const child = spawn('node', ['bin/vigil.mjs', 'db', 'rotate-credentials', '--json', '--login', logins], {
      env: { ...process.env, VIGIL_HOME: process.env['VIGIL_TEST_HOME'] ?? productHome },
    })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.on('close', (status) => resolve({ status, out }))
  })
  expect(ended.status, ended.out).toBe(0)
  expect(vigil('db', 'url', 'app')).not.toBe(before)

  await forgetCodesOf('carla')
  await page.getByLabel('One-time code').fill(await codeOf('carla'))
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL('**/compliance')
  await context.close()

  const answered = () => [...statuses.values()].reduce((sum, count) => sum + count, 0)
  await expect.poll(answered, { timeout: 60_000 }).toBeGreaterThan(50)
  stopping = true
  await Promise.all(clients)
  expect([...statuses.keys()]).toEqual([200])
})
