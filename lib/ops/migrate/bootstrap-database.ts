import 'server-only'
import pg from 'pg'
import { type MigrationState } from './applied-migrations.ts'
import { applyMigrations } from './apply-migrations.ts'
import type { Migration } from './read-migrations.ts'
import { scramVerifier } from './scram-verifier.ts'

const openAs = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url })
  // A server that is stopped meanwhile fails the statement under way, which is reported; the event itself says nothing more.
  client.on('error', () => undefined)
  await client.connect()
  return client
}

const exists = async (client: pg.Client, sql: string, name: string): Promise<boolean> =>
  ((await client.query(sql, [name])).rowCount ?? 0) > 0

const createDatabase = async (
  superuserUrl: (database: string) => string,
  database: string,
): Promise<void> => {
  const client = await openAs(superuserUrl('postgres'))
  try {
    if (await exists(client, 'SELECT 1 FROM pg_database WHERE datname = $1', database)) return
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(database)}`)
    // Every login is let in by name, and only where it works.
    for (const name of [database, 'postgres', 'template1'])
      await client.query(`REVOKE ALL ON DATABASE ${pg.escapeIdentifier(name)} FROM PUBLIC`)
  } finally {
    await client.end()
  }
}

const setPasswords = async (client: pg.Client, passwords: ReadonlyMap<string, string>): Promise<void> => {
  for (const [login, password] of passwords)
    if (await exists(client, 'SELECT 1 FROM pg_roles WHERE rolname = $1 AND rolcanlogin', login))
      await client.query(
        `ALTER ROLE ${pg.escapeIdentifier(login)} PASSWORD ${pg.escapeLiteral(scramVerifier(password))}`,
      )
}

/**
 * Prepares an embedded server, as its superuser: the database, the roles and schemas of the bootstrap migration, and
 * the logins' passwords. Does nothing twice.
 */
export const bootstrapDatabase = async (plan: {
  superuserUrl: (database: string) => string
  database: string
  state: MigrationState
  migrations: readonly Migration[]
  passwords: ReadonlyMap<string, string>
}): Promise<void> => {
  await createDatabase(plan.superuserUrl, plan.database)
  const client = await openAs(plan.superuserUrl(plan.database))
  try {
    await applyMigrations(client, plan.state, plan.migrations, 'bootstrap')
    await setPasswords(client, plan.passwords)
  } finally {
    await client.end()
  }
}
