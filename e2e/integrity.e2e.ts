import { createHash } from 'node:crypto'
import { become, expect, test } from './support/people.ts'

// Whether the trail is as it was sealed: asked for in the browser, answered by the sealer's process; and the verifier, which is
// there for people without any account.

test('a compliance officer has the trail checked, and reads through which entry it is verified', async ({
  page,
  context,
}) => {
  await become(context, 'carla')
  await page.goto('/compliance/integrity')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Integrity')
  // The first check of a new installation may be under way by itself.
  const button = page.getByRole('button', { name: 'Check new entries' })
  await expect(async () => {
    await page.reload()
    await expect(button).toBeVisible({ timeout: 500 })
  }).toPass({ timeout: 60_000 })
  await button.click()
  await expect(page.getByRole('status').filter({ hasText: 'check' }).first()).toBeVisible()
  await expect(async () => {
    await page.reload()
    await expect(page.getByRole('table', { name: /Checks, newest first/ })).toContainText('Asked for here', { timeout: 500 }) // prettier-ignore
  }).toPass({ timeout: 60_000 })
  await expect(page.getByText('Nothing was changed.')).toBeVisible()
  await expect(page.getByText(/Verified through entry [0-9,]+ on /)).toBeVisible()
  await expect(page.getByRole('table', { name: /Anchors and witnesses/ })).toContainText('Answers')
})

test('somebody without an account gets the verifier and the key, and the page says their digest', async ({
  page,
}) => {
  await page.goto('/verifier')
  const [verifier] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download the verifier' }).click(),
  ])
  expect(verifier.suggestedFilename()).toBe('verify.mjs')
  const source = Buffer.concat(await Array.fromAsync(await verifier.createReadStream()))
  await expect(page.getByText(createHash('sha256').update(source).digest('hex'))).toBeVisible()
  const [key] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download the public key' }).click(),
  ])
  const text = Buffer.concat(await Array.fromAsync(await key.createReadStream())).toString()
  expect(text).toMatch(/^\S+\/audit\/[0-9a-f]{8}\/1[+][0-9a-f]{8}[+]\S+\n$/)
  await expect(page.getByText(text.trim())).toBeVisible()
})
