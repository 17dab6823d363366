import 'server-only'
import type { Client } from 'pg'
import { Refused } from '#lib/errors.ts'
import type { Migration } from './read-migrations.ts'

/** Schema whose table `schema_migration` remembers what was applied, and the login that owns the table. */
export type MigrationState = { readonly schema: 'app' | 'keys'; readonly owner: string }

export const dataState: MigrationState = { schema: 'app', owner: 'vigil_owner' }
export const keystoreState: MigrationState = { schema: 'keys', owner: 'vigil_keys_owner' }

/** The table's definition; harmless when it exists. Part of what `vigil db bootstrap --print` prints. */
export const stateTable = (state: MigrationState): string =>
  `CREATE TABLE IF NOT EXISTS ${state.schema}.schema_migration (
  name text PRIMARY KEY,
  checksum text NOT NULL,
  applied_at timestamptz(3) NOT NULL DEFAULT now()
);`

/** Note of one applied migration. Name and checksum have been checked to hold no quotes. */
export const stateRow = (state: MigrationState, migration: Migration): string =>
  `INSERT INTO ${state.schema}.schema_migration (name, checksum) VALUES ('${migration.name}', '${migration.checksum}');`

/** Name → checksum of what this database has; undefined when the table is not there. */
export const readApplied = async (
  client: Client,
  state: MigrationState,
): Promise<Map<string, string> | undefined> => {
  const table = await client.query<{ found: boolean }>('SELECT to_regclass($1) IS NOT NULL AS found', [
    `${state.schema}.schema_migration`,
  ])
  if (table.rows[0]?.found !== true) return undefined
  const { rows } = await client.query<{ name: string; checksum: string }>(
    `SELECT name, checksum FROM ${state.schema}.schema_migration ORDER BY name`,
  )
  return new Map(rows.map((row) => [row.name, row.checksum]))
}

/**
 * What is still to be applied.
 * @throws Refused when applied history was edited, is unknown to this version, or would be reordered
 */
export const pendingMigrations = (
  migrations: readonly Migration[],
  applied: ReadonlyMap<string, string>,
): Migration[] => {
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  for (const [name, checksum] of applied) {
    const migration = known.get(name)
    if (migration === undefined)
      throw new Refused(
        `This database has the migration ${name}, which this version of Vigil does not know: run the newer version that applied it.`,
      )
    if (migration.checksum !== checksum)
      throw new Refused(
        `The migration ${name} was changed after it was applied to this database: put the file back as it was, and write a new migration for the change.`,
      )
  }
  const pending = migrations.filter((migration) => !applied.has(migration.name))
  // Roles are made by a superuser ahead of everything else, so each of the two kinds keeps its own order.
  for (const isBootstrap of [true, false]) {
    const ofKind = [...applied.keys()].filter((name) => known.get(name)?.isBootstrap === isBootstrap)
    const last = ofKind.toSorted().at(-1) ?? ''
    const early = pending.find((each) => each.isBootstrap === isBootstrap && each.name < last)
    if (early !== undefined)
      throw new Refused(
        `The migration ${early.name} would come before ${last}, which is applied already: give it a later time.`,
      )
  }
  return pending
}
