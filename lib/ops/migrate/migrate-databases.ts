import 'server-only'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { type MigrationState, dataState, keystoreState } from './applied-migrations.ts'
import { applyMigrations } from './apply-migrations.ts'
import { type Migration, readMigrations } from './read-migrations.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

export const dataMigrations = (): Migration[] => readMigrations(path.join(root, 'prisma', 'migrations'))

export const keystoreMigrations = (): Migration[] =>
  readMigrations(path.join(root, 'prisma', 'keystore-migrations'))

const migrate = async (
  url: string,
  state: MigrationState,
  migrations: readonly Migration[],
): Promise<string[]> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await applyMigrations(client, state, migrations, 'rest')
  } finally {
    await client.end()
  }
}

/**
 * Brings the database of records up to date, as `vigil_owner`.
 * @returns names of the migrations applied now
 */
export const migrateData = (ownerUrl: string): Promise<string[]> =>
  migrate(ownerUrl, dataState, dataMigrations())

/** Brings the key store up to date, as its owner. */
export const migrateKeystore = (ownerUrl: string): Promise<string[]> =>
  migrate(ownerUrl, keystoreState, keystoreMigrations())
