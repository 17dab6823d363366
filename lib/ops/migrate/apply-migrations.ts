import 'server-only'
import type { Client } from 'pg'
import { Refused } from '#lib/errors.ts'
import {
  type MigrationState,
  pendingMigrations,
  readApplied,
  stateRow,
  stateTable,
} from './applied-migrations.ts'
import type { Migration } from './read-migrations.ts'

/** Any number, the same for every runner: two of them on one database take turns. */
const advisoryLock = 8_449_400_164_312

const transactionId = async (client: Client): Promise<string | undefined> => {
  const { rows } = await client.query<{ id: string }>('SELECT pg_current_xact_id()::text AS id')
  return rows[0]?.id
}

/** Where in the file the server found the fault; migrations hold no data, so its text may be shown. */
const faultOf = (migration: Migration, error: unknown): string => {
  if (!(error instanceof Error)) return `The migration ${migration.name} failed.`
  const position = 'position' in error ? Number(error.position) : Number.NaN
  const line = Number.isNaN(position) ? '' : ` at line ${migration.sql.slice(0, position).split('\n').length}`
  return `The migration ${migration.name} failed${line}: ${error.message}. Nothing of it was kept.`
}

const applyOne = async (client: Client, state: MigrationState, migration: Migration): Promise<void> => {
  await client.query('BEGIN')
  try {
    const before = await transactionId(client)
    await client.query(migration.sql)
    await client.query('RESET ROLE')
    if ((await transactionId(client)) !== before)
      throw new Error('it ends its transaction itself: take BEGIN, COMMIT and ROLLBACK out of it')
    if (migration.isBootstrap) {
      await client.query(stateTable(state))
      await client.query(`ALTER TABLE ${state.schema}.schema_migration OWNER TO ${state.owner}`)
    }
    await client.query(stateRow(state, migration))
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw new Refused(faultOf(migration, error), { cause: error })
  }
}

const applyInTurn = async (
  client: Client,
  state: MigrationState,
  migrations: readonly Migration[],
  part: 'bootstrap' | 'rest',
): Promise<string[]> => {
  let applied = await readApplied(client, state)
  if (applied === undefined && part === 'rest') {
    if (migrations.some((migration) => migration.isBootstrap))
      throw new Refused(
        'This database has not been prepared for Vigil: have its administrator run what "vigil db bootstrap --print" prints, then try again.',
      )
    await client.query(stateTable(state))
    applied = new Map()
  }
  const pending = pendingMigrations(migrations, applied ?? new Map())
  const due = pending.filter((migration) => migration.isBootstrap === (part === 'bootstrap'))
  if (part === 'rest' && pending.length > due.length)
    throw new Refused(
      'The roles and schemas of this database were not made by the bootstrap script: have its administrator run what "vigil db bootstrap --print" prints, then try again.',
    )
  for (const migration of due) await applyOne(client, state, migration)
  return due.map((migration) => migration.name)
}

/**
 * Brings a database up to date: what is pending is applied in order, each migration in a transaction of its own.
 * The bootstrap (roles and schemas) is applied only when `part` says so, by a superuser; the rest as the owner.
 * @returns names of what was applied now
 * @throws Refused for edited, unknown or reordered history, and for a migration that fails (nothing of it is kept)
 */
export const applyMigrations = async (
  client: Client,
  state: MigrationState,
  migrations: readonly Migration[],
  part: 'bootstrap' | 'rest',
): Promise<string[]> => {
  await client.query('SELECT pg_advisory_lock($1)', [advisoryLock])
  try {
    return await applyInTurn(client, state, migrations, part)
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [advisoryLock])
  }
}
