import { type Check, type Count } from './check.ts'
import { listFailures } from './list-failures.ts'

/**
 * Runs the checks one after another, all of them even when one fails, names the tests that failed, and ends with the line
 * `N passed, N failed` (`, N skipped` follows when there are any).
 * @returns the process's exit code
 */
export async function runChecks(checks: Check[]): Promise<number> {
  const rows: { name: string; count: Count; seconds: number }[] = []
  for (const check of checks) {
    console.log(`\n── ${check.name} ${'─'.repeat(Math.max(0, 76 - check.name.length))}`)
    const begun = performance.now()
    const count = await check.run().catch((fault: unknown) => {
      console.error(fault)
      return { passed: 0, failed: 1, skipped: 0 }
    })
    rows.push({ name: check.name, count, seconds: (performance.now() - begun) / 1000 })
  }
  console.log()
  for (const { name, count, seconds } of rows) {
    const verdict = count.failed > 0 ? 'FAILED' : 'ok'
    console.log(
      `${verdict.padEnd(7)}${name.padEnd(34)}${seconds.toFixed(1).padStart(7)} s  ${describeCount(count)}`,
    )
  }
  for (const check of checks) {
    for (const failure of check.report === undefined ? [] : listFailures(check.report))
      console.log(`\nFAILED in ${check.name}: ${failure}`)
  }
  const total = rows.reduce<Count>((sum, row) => addCounts(sum, row.count), {
    passed: 0,
    failed: 0,
    skipped: 0,
  })
  console.log(`\n${describeCount(total)}`)
  return total.failed > 0 ? 1 : 0
}

function addCounts(left: Count, right: Count): Count {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
  }
}

function describeCount({ passed, failed, skipped }: Count): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
