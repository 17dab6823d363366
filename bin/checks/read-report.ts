import { readFileSync, rmSync } from 'node:fs'
import { z } from 'zod'
import { type Count } from './check.ts'

const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  numFailedTestSuites: z.number(),
})

const playwrightReport = z.object({
  stats: z.object({
    expected: z.number(),
    unexpected: z.number(),
    flaky: z.number(),
    skipped: z.number(),
  }),
})

/** Removes the report of an earlier run, so that it cannot be taken for this run's. */
export function forgetReport(path: string): void {
  rmSync(path, { force: true })
}

/** The counts in vitest's JSON report, or undefined when there is none. A test file that could not be loaded counts as a failed test. */
export function readVitestReport(path: string): Count | undefined {
  const report = vitestReport.safeParse(readJson(path))
  if (!report.success) return undefined
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites } = report.data
  return {
    passed: numPassedTests,
    failed: numFailedTests > 0 ? numFailedTests : numFailedTestSuites,
    skipped: numPendingTests + numTodoTests,
  }
}

/** The counts in Playwright's JSON report, or undefined when there is none. A test that passed only when tried again has passed; listFailures names it. */
export function readPlaywrightReport(path: string): Count | undefined {
  const report = playwrightReport.safeParse(readJson(path))
  if (!report.success) return undefined
  const { expected, unexpected, flaky, skipped } = report.data.stats
  return { passed: expected + flaky, failed: unexpected, skipped }
}

/** What a file of JSON holds, or undefined when there is none that can be read. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
