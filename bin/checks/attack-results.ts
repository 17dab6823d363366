import { relative } from 'node:path'
import { z } from 'zod'
import { attacks } from './attack-list.ts'
import { attacksNamed } from './attack-tests.ts'
import { type Count } from './check.ts'
import { readJson } from './read-report.ts'

/** One test of a report that names attacks. */
type Run = { attacks: number[]; file: string; how: keyof Count }

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
  failed: 'failed',
}
const skips = new Set(['skipped', 'pending', 'todo', 'disabled'])
const howOf = (status: string): keyof Count =>
  howByStatus[status] ?? (skips.has(status) ? 'skipped' : 'failed')

/** The tests that name an attack in vitest's or Playwright's JSON report; none when there is no report. */
export function readAttackRuns(path: string): Run[] {
  const json = readJson(path)
  const vitest = vitestReport.safeParse(json)
  const playwright = playwrightReport.safeParse(json)
  const runs = vitest.success
    ? vitest.data.testResults.flatMap(({ name, assertionResults }) =>
        assertionResults.map(({ ancestorTitles, title, status }) => ({
          attacks: [...new Set([...ancestorTitles, title].flatMap(attacksNamed))],
          file: relative(process.cwd(), name),
          how: howOf(status),
        })),
      )
    : playwright.success
      ? playwright.data.suites.flatMap((suite) => runsOfSuite(suite, []))
      : []
  return runs.filter((run) => run.attacks.length > 0)
}

function runsOfSuite({ title, specs, suites = [] }: Suite, above: readonly string[]): Run[] {
  const titles = [...above, title]
  return [
    ...specs.flatMap((spec) =>
      spec.tests.map(({ status }) => ({
        attacks: [...new Set([...titles, spec.title].flatMap(attacksNamed))],
        file: `e2e/${spec.file}`,
        how: howOf(status),
      })),
    ),
    ...suites.flatMap((suite) => runsOfSuite(suite, titles)),
  ]
}

/**
 * Lists every attack with its tests' outcome in this run.
 * @param complete whether all kinds of tests ran, so that an attack of which no test ran (or every test was skipped) is a failure
 * @returns the lines to print, and the numbers that failed or were tried by nothing
 */
export function listAttackResults(
  runs: readonly Run[],
  { complete }: { complete: boolean },
): { lines: string[]; bad: number[] } {
  const lines: string[] = []
  const bad: number[] = []
  for (const { number, what } of attacks) {
    const own = runs.filter((run) => run.attacks.includes(number))
    const count = (how: keyof Count) => own.filter((run) => run.how === how).length
    const [passed, failed, skipped] = [count('passed'), count('failed'), count('skipped')]
    if (failed > 0 || (complete && passed === 0)) bad.push(number)
    const verdict = failed > 0 ? 'FAILED' : passed > 0 ? 'ok' : skipped > 0 ? 'skipped' : 'not run'
    const counts = [`${passed} passed`, failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`]
    lines.push(`${verdict.padEnd(8)}${String(number).padStart(2, '0')}  ${what}`)
    lines.push(
      `            ${counts.filter(Boolean).join(', ')}: ${[...new Set(own.map((run) => run.file))].join(', ')}`,
    )
  }
  return { lines, bad }
}
