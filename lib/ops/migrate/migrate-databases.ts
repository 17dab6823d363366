import 'server-only'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { openClient } from '#lib/db/open-client.ts'
import { loadPolicy } from '#lib/ops/load-policy.ts'
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
  afterwards: (client: pg.Client) => Promise<void> = () => Promise.resolve(),
): Promise<string[]> => {
  const client = await openClient(url)
  try {
    const applied = await applyMigrations(client, state, migrations, 'rest')
    await afterwards(client)
    return applied
  } finally {
    await client.end()
  }
}

/**
 * Brings the database of records up to date, as `vigil_owner`, its policy tables equal to
 * lib/policy, and its logs furnished with partitions for the months ahead.
 * @returns names of the migrations applied now
 */
export const migrateData = (ownerUrl: string): Promise<string[]> =>
  migrate(ownerUrl, dataState, dataMigrations(), async (client) => {
    await loadPolicy(client)
    // A log without a partition for today refuses every access; made three months ahead, at every start and daily.
    await client.query('SELECT audit.ensure_partitions(3)')
  })

/** Brings the key store up to date, as its owner. */
export const migrateKeystore = (ownerUrl: string): Promise<string[]> =>
  migrate(ownerUrl, keystoreState, keystoreMigrations())
