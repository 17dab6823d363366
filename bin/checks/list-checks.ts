import { readFileSync } from 'node:fs'
import { type Check, countOne, countTests } from './check.ts'
import { findSystemPostgres } from './find-system-postgres.ts'
import { forgetReport, readPlaywrightReport, readVitestReport } from './read-report.ts'
import { runCommand } from './run-command.ts'

/** Everything but the browser: format, lint, types, layers, dead code, unit and database tests. */
export function listQuickChecks(): Check[] {
  const checks: Check[] = [
    generatedFiles(),
    yesOrNo('format', 'prettier', ['--check', '.', '--log-level', 'warn']),
    yesOrNo('lint', 'oxlint', []),
    yesOrNo('types', 'npm', ['run', '--silent', 'types']),
    yesOrNo('layers', 'node', ['bin/layers.ts']),
    yesOrNo('dead code', 'knip', []),
    vitest('unit', 'unit', {}),
    vitest('database', 'db', {}),
  ]
  const systemPostgres = findSystemPostgres()
  if (systemPostgres) {
    checks.push(
      vitest(`database on ${systemPostgres.name}`, 'db', { VIGIL_TEST_POSTGRES: systemPostgres.value }),
    )
  }
  return checks
}

/** Every check there is: the quick ones, the build, and the browser with accessibility. */
export function listAllChecks(): Check[] {
  return [
    ...listQuickChecks(),
    yesOrNo('build', 'tsx', ['--conditions=react-server', 'bin/build.ts']),
    browser(),
  ]
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
  return { name, run: async () => countOne(await runCommand(command, parameters)) }
}

function vitest(name: string, project: string, environment: Record<string, string>): Check {
  const report = `test-results/${name.replaceAll(/\W+/g, '-')}.json`
  return {
    name,
    run: async () => {
      forgetReport(report)
      const parameters = [
        'run',
        '--project',
        project,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
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
    run: async () => {
      forgetReport(report)
      const exitCode = await runCommand('playwright', ['test'])
      return countTests(exitCode, readPlaywrightReport(report))
    },
  }
}
