import { relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import playwright from '../../playwright.config.ts'
import { listAllChecks } from './list-checks.ts'

test('no report of the tests lies in the folder that Playwright empties when it starts', () => {
  const reports = listAllChecks().flatMap(({ report }) => report ?? [])
  expect(reports.length).toBeGreaterThanOrEqual(3)
  const emptied = resolve(playwright.outputDir ?? 'test-results')
  expect(reports.filter((report) => !relative(emptied, resolve(report)).startsWith('..'))).toEqual([])
})
