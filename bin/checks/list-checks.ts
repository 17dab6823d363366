import { readFileSync } from 'node:fs'
import { listAsvsResults } from './asvs-results.ts'
import { listAttackResults, readAttackRuns } from './attack-results.ts'
import { type Check, countOne, countTests } from './check.ts'
import { findSystemPostgres } from './find-system-postgres.ts'
import { forgetReport, readPlaywrightReport, readVitestReport } from './read-report.ts'
import { readTestRuns } from './read-test-runs.ts'
import { runCommand } from './run-command.ts'
import { slowTests } from './slow-tests.ts'

/** Everything but the browser, and but the database tests that wait: format, lint, types, layers, dead code, unit and database tests. */
export function listQuickChecks(): Check[] {
  const checks = quickChecks({ without: slowTests, otherServer: false })
  return [...checks, attackList(checks, { complete: false }), asvsList(checks, { complete: false })]
}

/** @param otherServer whether the database tests run a second time, on the PostgreSQL that the machine may have */
function quickChecks({
  without,
  otherServer,
}: {
  without: readonly string[]
  otherServer: boolean
}): Check[] {
  const checks: Check[] = [
    generatedFiles(),
    // Each keeps one core busy; the long ones first.
    beside(yesOrNo('format', 'prettier', ['--check', '.', '--log-level', 'warn'])),
    beside(yesOrNo('types', 'npm', ['run', '--silent', 'types'])),
    beside(yesOrNo('lint', 'oxlint', [])),
    beside(yesOrNo('layers', 'node', ['bin/layers.ts'])),
    beside(yesOrNo('dead code', 'knip', [])),
    vitest('unit', 'unit', {}),
    vitest('database', 'db', {}, without),
  ]
  const systemPostgres = otherServer ? findSystemPostgres() : undefined
  if (systemPostgres) {
    checks.push(
      vitest(
        `database on ${systemPostgres.name}`,
        'db',
        { VIGIL_TEST_POSTGRES: systemPostgres.value },
        // What is slow there is about programs, keys and embedded servers, and says nothing about that server.
        slowTests,
      ),
    )
  }
  return checks
}

/** Every check there is: the quick ones, the build, and the browser with accessibility. */
export function listAllChecks(): Check[] {
  const checks = [
    ...quickChecks({ without: [], otherServer: true }),
    yesOrNo('build', 'tsx', ['--conditions=react-server', 'bin/build.ts']),
    browser(),
  ]
  return [...checks, attackList(checks, { complete: true }), asvsList(checks, { complete: true })]
}

/** Prints the list of attacks with what became of each in the tests that ran before; it must come after them. */
function attackList(ranBefore: readonly Check[], { complete }: { complete: boolean }): Check {
  return {
    name: 'attacks',
    run: () => {
      const runs = ranBefore.flatMap(({ report }) => (report === undefined ? [] : readAttackRuns(report)))
      const { lines, bad } = listAttackResults(runs, { complete })
      console.log(lines.join('\n'))
      if (bad.length > 0) console.error(`Failed, or tried by no test of this run: ${bad.join(', ')}.`)
      return Promise.resolve(countOne(bad.length === 0 && runs.length > 0 ? 0 : 1))
    },
  }
}

/** Prints the requirements of ASVS with what became of the tests that show each in the tests that ran before. */
function asvsList(ranBefore: readonly Check[], { complete }: { complete: boolean }): Check {
  return {
    name: 'requirements of ASVS',
    run: () => {
      const runs = ranBefore.flatMap(({ report }) => (report === undefined ? [] : readTestRuns(report)))
      const { lines, bad } = listAsvsResults(runs, { complete })
      console.log(lines.join('\n'))
      if (bad.length > 0) console.error(`A test that shows it failed or did not run: ${bad.join(', ')}.`)
      return Promise.resolve(countOne(bad.length === 0 && runs.length > 0 ? 0 : 1))
    },
  }
}

/** Generates the database client, and holds the registry of sealed fields, which is checked in, against the schema. */
function generatedFiles(): Check {
  const registry = 'lib/phi/fields.generated.ts'
  return {
    name: 'generated files',
    run: async () => {
      const before = readFileSync(registry, 'utf8')
      const exitCode = await runCommand('prisma', ['generate'])
      const current = readFileSync(registry, 'utf8') === before
      if (!current) console.error(`${registry} was not the one of prisma/schema.prisma: commit the new one.`)
      return countOne(exitCode === 0 && current ? 0 : 1)
    },
  }
}

function yesOrNo(name: string, command: string, parameters: string[]): Check {
  return { name, run: async (print) => countOne(await runCommand(command, parameters, {}, print)) }
}

const beside = (check: Check): Check => ({ ...check, beside: true })

function vitest(
  name: string,
  project: string,
  environment: Record<string, string>,
  without: readonly string[] = [],
): Check {
  const report = `test-results/${name.replaceAll(/\W+/g, '-')}.json`
  return {
    name,
    report,
    run: async () => {
      forgetReport(report)
      const parameters = [
        'run',
        '--project',
        project,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...without.flatMap((files) => ['--exclude', files]),
      ]
      const exitCode = await runCommand('vitest', parameters, environment)
      return countTests(exitCode, readVitestReport(report))
    },
  }
}

function browser(): Check {
  const report = 'test-results/browser.json'
  return {
    name: 'browser and accessibility',
    report,
    run: async () => {
      forgetReport(report)
      const exitCode = await runCommand('playwright', ['test'])
      return countTests(exitCode, readPlaywrightReport(report))
    },
  }
}
