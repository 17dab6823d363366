import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { z } from 'zod'

/**
 * `npm run layers`: who imports whom, by the rules of .dependency-cruiser.cjs. A cruiser that cannot read a file says nothing about it,
 * so every source file on disk must be among the modules it saw, and there must be a plausible number of them.
 */
const floor = 1400
const cruised = ['app', 'components', 'lib', 'bin', 'bench', 'prisma', 'e2e']

const cruiseResult = z.object({
  modules: z.array(z.object({ source: z.string() })),
  summary: z.object({
    totalCruised: z.number(),
    violations: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        rule: z.object({ name: z.string() }),
        comment: z.string().optional(),
      }),
    ),
  }),
})

// The cruiser's exit code is its number of violations; the report says the same and more.
const { stdout, stderr } = spawnSync('node_modules/.bin/depcruise', [...present(cruised), '-T', 'json'], {
  encoding: 'utf8',
  maxBuffer: 256 * 1024 * 1024,
})
if (!stdout) throw new Error(stderr)
const { modules, summary } = cruiseResult.parse(JSON.parse(stdout))
const seen = new Set(modules.map((module) => module.source))
const unseen = globSync(present(cruised).map((folder) => `${folder}/**/*.{ts,tsx}`)).filter(
  (file) => !seen.has(file),
)

for (const { from, to, rule, comment } of summary.violations) {
  console.error(`${rule.name}: ${from} → ${to}${comment ? `\n  ${comment}` : ''}`)
}
for (const file of unseen) console.error(`not seen by the cruiser: ${file}`)
if (summary.totalCruised < floor)
  console.error(`only ${summary.totalCruised} modules were cruised; expected at least ${floor}`)

const fine = summary.violations.length === 0 && unseen.length === 0 && summary.totalCruised >= floor
console.log(`${summary.totalCruised} modules cruised, ${summary.violations.length} violations`)
process.exitCode = fine ? 0 : 1

function present(folders: string[]): string[] {
  return folders.filter((folder) => globSync(`${folder}/**/*.{ts,tsx}`).length > 0)
}
