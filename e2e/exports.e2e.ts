import { readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { rows } from './support/database.ts'
import { expect, test } from './support/people.ts'

// Exports of the trail: asked for, made by the worker, downloaded by who asked, and on record at every step.

test('an officer exports a period, gets the file, and it is what the page says', async ({ as }) => {
  const page = await as('carla')
  await page.goto('/compliance/exports')
  await page.getByRole('button', { name: 'Ask for the export' }).click()
  await expect(page.getByText('Say in at least 15 characters what it is for').first()).toBeVisible()
  await page.getByRole('radio', { name: /NDJSON/ }).check()
  await page.getByLabel('What is it for?').fill('Asked for by the board of health, file 12')
  await page.getByRole('button', { name: 'Ask for the export' }).click()
  await expect(page.getByText('The export is in the queue.')).toBeVisible()
  const row = page.getByRole('row').filter({ hasText: 'board of health, file 12' }).first()
  await expect(row.getByText('Ready')).toBeVisible({ timeout: 60_000 })
  const arriving = page.waitForEvent('download')
  await row.getByRole('button', { name: 'Download' }).click()
  const download = await arriving
  expect(download.suggestedFilename()).toMatch(/^audit-export-[0-9a-f]{8}\.ndjson$/)
  const file = readFileSync(await download.path())
  await row.getByText('SHA-256 of the file').click()
  await expect(row.getByText(createHash('sha256').update(file).digest('hex'))).toBeVisible()
  const [first = ''] = file.toString('utf8').split('\n')
  expect(JSON.parse(first)).toHaveProperty('patient_id')
  await page.reload()
  await page
    .getByRole('row')
    .filter({ hasText: 'file 12' })
    .first()
    .getByRole('button', { name: 'Remove' })
    .click()
  await expect(page.getByText('The export was cancelled. Its file is gone.')).toBeVisible()
  const written = await rows<{ event_type: string }>(
    `SELECT event_type FROM audit.security_event_log
      WHERE detail ->> 'export' = (SELECT export_id::text FROM audit.trail_export ORDER BY requested_at DESC LIMIT 1) ORDER BY seq`,
  )
  expect(written.map(({ event_type }) => event_type)).toEqual([
    'TRAIL_EXPORT_REQUESTED',
    'TRAIL_EXPORT_READY',
    'TRAIL_EXPORT_DOWNLOADED',
    'TRAIL_EXPORT_CANCELLED',
  ])
})
