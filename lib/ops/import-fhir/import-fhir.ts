import 'server-only'
import { endPools } from '#lib/db/pools.ts'
import { WrongUsage, type CommandModule } from '#lib/ops/cli/command.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'
import { closeProcessKeyStore } from '#lib/keys/process-key-store.ts'
import { demoTeams } from '#prisma/seed/cast.ts'
import { findTeam, teamIfPresent } from './find-team.ts'
import { importSources } from './import-sources.ts'
import { summaryText } from './import-summary.ts'
import { makeProgress } from './progress.ts'

export const options = { team: { type: 'string' }, source: { type: 'string' } } as const

/**
 * `vigil import fhir PATH…`: takes FHIR R4 bundles, NDJSON and single resources into the record.
 * `--team NAME` gives the patients to a care team (in the demo, its own by default); `--source NAME` tells apart files
 * of two systems that use the same ids. Exit status 1 when a file was refused.
 */
export const run: CommandModule['run'] = async ({ words, options: given, env, say }) => {
  if (words.length === 0) throw new WrongUsage('Name the files or folders to import.')
  const { team, source = 'import' } = given
  if (typeof source !== 'string' || source.trim() === '') throw new WrongUsage('--source takes a name.')
  return withDatabases(env, async () => {
    try {
      const teamId =
        typeof team === 'string'
          ? await findTeam(team)
          : env.environment === 'demo'
            ? await teamIfPresent(demoTeams['primary-care'])
            : null
      const progress = makeProgress(process.stderr, say)
      const summary = await importSources({ paths: words, source: source.trim(), teamId, progress })
      const unseen = teamId === null && summary.created > 0 ? '\nNobody cares for these patients yet, so nobody can open their records: import with --team NAME.' : '' // prettier-ignore
      return { ok: summary.refused.length === 0, text: summaryText(summary) + unseen, json: summary }
    } finally {
      await endPools()
      await closeProcessKeyStore()
    }
  })
}
