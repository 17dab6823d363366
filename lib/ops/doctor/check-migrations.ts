import 'server-only'
import type { Client } from 'pg'
import { VigilError } from '#lib/errors.ts'
import { type MigrationState, pendingMigrations, readApplied } from '#lib/ops/migrate/applied-migrations.ts'
import type { Migration } from '#lib/ops/migrate/read-migrations.ts'
import { type Check, finding, fine } from './finding.ts'

/** Whether a database has exactly this version's migrations, unedited. */
export const checkMigrations = async (
  client: Client,
  title: string,
  state: MigrationState,
  migrations: readonly Migration[],
): Promise<Check> => {
  const name = `${title}: migrations`
  try {
    const applied = (await readApplied(client, state)) ?? new Map<string, string>()
    const pending = pendingMigrations(migrations, applied)
    return pending.length === 0
      ? fine(name, `${applied.size} applied`)
      : finding(
          name,
          `${pending.map((migration) => migration.name).join(', ')} not applied: run "vigil migrate".`,
        )
  } catch (error) {
    if (error instanceof VigilError) return finding(name, error.message)
    throw error
  }
}
