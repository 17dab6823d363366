import { attacks } from './attack-list.ts'
import { attacksNamed } from './attack-tests.ts'
import { type Count } from './check.ts'
import { readTestRuns } from './read-test-runs.ts'

/** One test of a report that names attacks. */
type Run = { attacks: number[]; file: string; how: keyof Count }

/** The tests that name an attack in vitest's or Playwright's JSON report; none when there is no report. */
export function readAttackRuns(path: string): Run[] {
  return readTestRuns(path)
    .map(({ titles, file, how }) => ({ attacks: [...new Set(titles.flatMap(attacksNamed))], file, how }))
    .filter((run) => run.attacks.length > 0)
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
