/** How many tests of a check passed, failed and were skipped. A check without tests of its own counts as one. */
export type Count = { passed: number; failed: number; skipped: number }

/** Takes what a tool printed. */
export type Print = (text: string) => void

/**
 * `report` is where its tests' results stand afterwards, one by one, when it has tests. A check that runs `beside` its neighbours
 * that do so too is given where to print; the others print to the terminal themselves.
 */
export type Check = { name: string; run: (print?: Print) => Promise<Count>; report?: string; beside?: true }

/** The count of a tool that only says yes or no. */
export function countOne(exitCode: number): Count {
  return exitCode === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
}

/**
 * The count of a test runner, from its report and its exit code. A runner that ended badly without a failed test, or that
 * ran nothing at all, is a failure: otherwise a broken configuration would look like success.
 */
export function countTests(exitCode: number, reported: Count | undefined): Count {
  if (!reported) return { passed: 0, failed: 1, skipped: 0 }
  const ranNothing = reported.passed + reported.failed === 0
  const endedBadly = exitCode !== 0 && reported.failed === 0
  return { ...reported, failed: reported.failed + (ranNothing || endedBadly ? 1 : 0) }
}
