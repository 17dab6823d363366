import 'server-only'
import type { Env } from '#lib/parse-env.ts'
import { readSecret } from '#lib/ops/home/secrets.ts'
import { dataState, keystoreState } from '#lib/ops/migrate/applied-migrations.ts'
import { bootstrapDatabase } from '#lib/ops/migrate/bootstrap-database.ts'
import {
  dataMigrations,
  keystoreMigrations,
  migrateData,
  migrateKeystore,
} from '#lib/ops/migrate/migrate-databases.ts'
import { type ServerName, databaseOf, embeddedUrl, logins } from '#lib/ops/postgres/embedded-servers.ts'
import { embeddedServers, findDatabaseUrl } from './database-urls.ts'

const bootstrap = (home: string, server: ServerName): Promise<void> => {
  const superuser = server === 'data' ? 'superuser' : 'keystore_superuser'
  const others = Object.entries(logins).filter(
    ([name, entry]) => entry.server === server && name !== superuser,
  )
  return bootstrapDatabase({
    superuserUrl: (database) => embeddedUrl(home, superuser, database),
    database: databaseOf(server),
    state: server === 'data' ? dataState : keystoreState,
    migrations: server === 'data' ? dataMigrations() : keystoreMigrations(),
    passwords: new Map(others.map(([, { login, secret }]) => [login, readSecret(home, secret)])),
  })
}

/** Databases, roles and passwords of the embedded servers; nothing for servers that are not ours. */
export const bootstrapEmbedded = async (env: Env): Promise<void> => {
  await Promise.all(embeddedServers(env).map((server) => bootstrap(env.home, server)))
}

export type Migrated = { database: string[]; keystore: string[] }

/**
 * Applies what is pending on both databases, as their owners. A serving process has no owner's address; then the
 * operator runs `vigil migrate` apart, and this does nothing for that database.
 * @returns names of the migrations applied now
 */
export const migrateDatabases = async (env: Env): Promise<Migrated> => {
  const [owner, keystoreOwner] = [findDatabaseUrl(env, 'owner'), findDatabaseUrl(env, 'keystore_owner')]
  return {
    database: owner === undefined ? [] : await migrateData(owner),
    keystore: keystoreOwner === undefined ? [] : await migrateKeystore(keystoreOwner),
  }
}
