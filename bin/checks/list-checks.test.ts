import { globSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import playwright from '../../playwright.config.ts'
import { listAllChecks } from './list-checks.ts'
import { longTests } from './slow-first.ts'
import { slowTests } from './slow-tests.ts'

test('no report of the tests lies in the folder that Playwright empties when it starts', () => {
  const reports = listAllChecks().flatMap(({ report }) => report ?? [])
  expect(reports.length).toBeGreaterThanOrEqual(3)
  const emptied = resolve(playwright.outputDir ?? 'test-results')
  expect(reports.filter((report) => !relative(emptied, resolve(report)).startsWith('..'))).toEqual([])
})

test('tests that are named for their length are there', () => {
  const root = resolve(import.meta.dirname, '../..')
  for (const pattern of [...slowTests, ...longTests])
    expect(globSync(pattern, { cwd: root, exclude: ['node_modules/**'] }), pattern).not.toEqual([])
})
