import 'server-only'
import type { CommandModule } from '#lib/ops/cli/command.ts'
import { databaseUrl } from '#lib/ops/databases/database-urls.ts'
import { bootstrapEmbedded, migrateDatabases } from '#lib/ops/databases/prepare-databases.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'

/** `vigil migrate`: as the owners, the only time that anything uses their logins. */
export const run: CommandModule['run'] = ({ env }) =>
  withDatabases(env, async () => {
    await bootstrapEmbedded(env)
    // Named here, so that a missing owner's address is a refusal and not a database left behind.
    databaseUrl(env, 'owner')
    databaseUrl(env, 'keystore_owner')
    const applied = await migrateDatabases(env)
    const names = [...applied.database, ...applied.keystore.map((name) => `key store: ${name}`)]
    return {
      ok: true,
      text:
        names.length === 0
          ? 'Both databases are up to date.'
          : `Applied:\n${names.map((n) => `  ${n}`).join('\n')}`,
      json: { applied },
    }
  })
