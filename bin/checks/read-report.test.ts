import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readPlaywrightReport, readVitestReport } from './read-report.ts'

const folder = mkdtempSync(join(tmpdir(), 'vigil-report-'))
const report = join(folder, 'report.json')
afterAll(() => rmSync(folder, { recursive: true }))

const vitest = {
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 1,
  numFailedTestSuites: 0,
}

test('a report that is missing or broken is not read as zero failures', () => {
  expect(readVitestReport(join(folder, 'missing.json'))).toBeUndefined()
  writeFileSync(report, '{"numPassedTests": 5')
  expect(readVitestReport(report)).toBeUndefined()
  expect(readPlaywrightReport(report)).toBeUndefined()
})

test('a test file that could not be loaded counts as a failed test', () => {
  writeFileSync(report, JSON.stringify({ ...vitest, numFailedTestSuites: 2 }))
  expect(readVitestReport(report)).toEqual({ passed: 5, failed: 2, skipped: 2 })
})

test('a browser test that passed only when tried again has passed, and one that failed twice has not', () => {
  writeFileSync(report, JSON.stringify({ stats: { expected: 7, unexpected: 1, flaky: 1, skipped: 2 } }))
  expect(readPlaywrightReport(report)).toEqual({ passed: 8, failed: 1, skipped: 2 })
})
