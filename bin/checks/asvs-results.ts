import { asvs, evidenceOf, pagesOf, verdictOf } from './asvs-list.ts'
import type { Requirement } from './asvs-requirement.ts'
import type { TestRun } from './read-test-runs.ts'

/**
 * Lists every requirement with what became of the tests that show it in this run.
 * @param complete whether all kinds of tests ran, so that a test that did not run (or was skipped) shows nothing
 * @returns the lines to print, and the requirements that a test failed, or did not show although it should have
 */
export function listAsvsResults(
  runs: readonly TestRun[],
  { complete, list = asvs }: { complete: boolean; list?: readonly Requirement[] },
): { lines: string[]; bad: string[] } {
  const lines: string[] = []
  const bad: string[] = []
  for (const one of list) {
    const outcomes = evidenceOf(one).map(([file, words]) => {
      const named = runs.filter((run) => run.file === file && run.title.includes(words))
      if (named.some(({ how }) => how === 'failed')) return 'failed'
      return named.some(({ how }) => how === 'passed') ? 'passed' : 'not run'
    })
    const isBad = outcomes.includes('failed') || (complete && outcomes.includes('not run'))
    if (isBad) bad.push(one.id)
    const verdict = isBad
      ? 'FAILED'
      : outcomes.includes('not run')
        ? 'not run'
        : verdictOf(one).replace('not applicable', 'n/a')
    const how = [...evidenceOf(one).map(([file], at) => `${file} ${outcomes[at]}`), ...pagesOf(one)]
    lines.push(`${verdict.padEnd(8)}${one.id.padEnd(8)}L${one.level}  ${one.what}`)
    if (how.length > 0) lines.push(`                    ${[...new Set(how)].join(', ')}`)
  }
  return { lines, bad }
}
