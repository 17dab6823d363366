import { type Check, type Count, type Print } from './check.ts'
import { listFailures } from './list-failures.ts'

/** How many checks run beside each other: more do not fit into the memory and the two cores of a small machine. */
const lanes = 2

type Row = { name: string; count: Count; seconds: number }

/**
 * Runs the checks one after another (neighbours that may run beside each other do so), all of them even when one fails, names the
 * tests that failed or had to be tried again, and ends with the line `N passed, N failed` (`, N skipped` follows when there are any).
 * @returns the process's exit code
 */
export async function runChecks(checks: Check[]): Promise<number> {
  const rows: Row[] = []
  let neighbours: Check[] = []
  for (const check of checks) {
    if (check.beside) neighbours.push(check)
    else {
      rows.push(...(await runBeside(neighbours)), await runOne(check))
      neighbours = []
    }
  }
  rows.push(...(await runBeside(neighbours)))
  console.log()
  for (const { name, count, seconds } of rows) {
    const verdict = count.failed > 0 ? 'FAILED' : 'ok'
    console.log(
      `${verdict.padEnd(7)}${name.padEnd(34)}${seconds.toFixed(1).padStart(7)} s  ${describeCount(count)}`,
    )
  }
  for (const check of checks) {
    for (const failure of check.report === undefined ? [] : listFailures(check.report))
      console.log(`\nIn ${check.name}: ${failure}`)
  }
  const total = rows.reduce<Count>((sum, row) => addCounts(sum, row.count), {
    passed: 0,
    failed: 0,
    skipped: 0,
  })
  console.log(`\n${describeCount(total)}`)
  return total.failed > 0 ? 1 : 0
}

/** Runs checks beside each other; each prints its title and what it said when it has ended. */
async function runBeside(checks: Check[]): Promise<Row[]> {
  const rows = new Map<Check, Row>()
  const waiting = checks.values()
  const lane = async () => {
    for (const check of waiting) {
      let said = ''
      const row = await runOne(check, (text) => (said += text))
      printTitle(check)
      if (said.trim() !== '') console.log(said.trimEnd())
      rows.set(check, row)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return checks.flatMap((check) => rows.get(check) ?? [])
}

async function runOne(check: Check, print?: Print): Promise<Row> {
  if (!print) printTitle(check)
  const begun = performance.now()
  const count = await check.run(print).catch((fault: unknown) => {
    console.error(fault)
    return { passed: 0, failed: 1, skipped: 0 }
  })
  return { name: check.name, count, seconds: (performance.now() - begun) / 1000 }
}

function printTitle({ name }: Check): void {
  console.log(`\n── ${name} ${'─'.repeat(Math.max(0, 76 - name.length))}`)
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
