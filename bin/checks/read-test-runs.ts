import { relative } from 'node:path'
import { z } from 'zod'
import { type Count } from './check.ts'
import { readJson } from './read-report.ts'

/** One test of a report: its file from the project's folder, its titles from the outermost group inwards, and how it went. */
export type TestRun = { file: string; titles: readonly string[]; title: string; how: keyof Count }

const vitestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(
        z.object({ ancestorTitles: z.array(z.string()), title: z.string(), status: z.string() }),
      ),
    }),
  ),
})

type Suite = { title: string; specs: Spec[]; suites?: Suite[] | undefined }
type Spec = { title: string; file: string; tests: { status: string }[] }
const playwrightSuite: z.ZodType<Suite> = z.object({
  title: z.string(),
  specs: z.array(
    z.object({ title: z.string(), file: z.string(), tests: z.array(z.object({ status: z.string() })) }),
  ),
  get suites() {
    return z.array(playwrightSuite).optional()
  },
})
const playwrightReport = z.object({ suites: z.array(playwrightSuite) })

const howByStatus: Readonly<Record<string, keyof Count>> = {
  passed: 'passed',
  expected: 'passed',
  // passed when it was tried again: the end of the run names it
  flaky: 'passed',
  failed: 'failed',
}
const skips = new Set(['skipped', 'pending', 'todo', 'disabled'])
const howOf = (status: string): keyof Count =>
  howByStatus[status] ?? (skips.has(status) ? 'skipped' : 'failed')

const testRun = (file: string, titles: readonly string[], status: string): TestRun => ({
  file,
  titles,
  title: titles.join(' › '),
  how: howOf(status),
})

/** Every test of vitest's or Playwright's JSON report; none when there is no report. */
export function readTestRuns(path: string): TestRun[] {
  const json = readJson(path)
  const vitest = vitestReport.safeParse(json)
  if (vitest.success)
    return vitest.data.testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.map(({ ancestorTitles, title, status }) =>
        testRun(relative(process.cwd(), name), [...ancestorTitles, title], status),
      ),
    )
  const playwright = playwrightReport.safeParse(json)
  return playwright.success ? playwright.data.suites.flatMap((suite) => runsOfSuite(suite, [])) : []
}

function runsOfSuite({ title, specs, suites = [] }: Suite, above: readonly string[]): TestRun[] {
  const titles = [...above, title]
  return [
    ...specs.flatMap((spec) =>
      spec.tests.map(({ status }) => testRun(`e2e/${spec.file}`, [...titles, spec.title], status)),
    ),
    ...suites.flatMap((suite) => runsOfSuite(suite, titles)),
  ]
}
