import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import type { TestProject } from 'vitest/node'
import { dataState, keystoreState } from '#lib/ops/migrate/applied-migrations.ts'
import { bootstrapDatabase } from '#lib/ops/migrate/bootstrap-database.ts'
import {
  dataMigrations,
  keystoreMigrations,
  migrateData,
  migrateKeystore,
} from '#lib/ops/migrate/migrate-databases.ts'
import { type Cluster, startCluster } from '#lib/ops/postgres/cluster.ts'
import { type ServerName, logins } from '#lib/ops/postgres/embedded-servers.ts'
import { planTestServers, templates, testUrl } from './test-servers.ts'

/** What every test file is told about the servers of this run. */
export type TestServers = {
  root: string
  urlPatterns: Record<ServerName, string>
  /** by name of the login as in `logins` */
  passwords: Record<string, string>
}

declare module 'vitest' {
  interface ProvidedContext {
    testServers: TestServers
  }
}

/**
 * Global set-up of the vitest project `db`: both servers once per run, with a migrated template database each.
 * @returns the function that stops them and removes all they wrote
 */
export default async function startTestClusters(project: TestProject): Promise<() => Promise<void>> {
  const { root, servers } = await planTestServers()
  const passwords: Record<string, string> = {}
  for (const [name, { server, login }] of Object.entries(logins))
    passwords[name] =
      login === servers[server].plan.superuser
        ? servers[server].plan.password
        : randomBytes(24).toString('base64url')

  const started: Cluster[] = []
  const close = async (): Promise<void> => {
    await Promise.all(started.map((cluster) => cluster.stop({ immediately: true })))
    rmSync(root, { recursive: true, force: true })
  }
  try {
    for (const server of ['data', 'keystore'] as const) started.push(await startCluster(servers[server].plan))
    for (const server of ['data', 'keystore'] as const) {
      const own = Object.entries(logins).filter(([, entry]) => entry.server === server)
      const { superuser, password } = servers[server].plan
      await bootstrapDatabase({
        superuserUrl: (database) => testUrl(servers[server], superuser, password, database),
        database: templates[server],
        state: server === 'data' ? dataState : keystoreState,
        migrations: server === 'data' ? dataMigrations() : keystoreMigrations(),
        passwords: new Map(
          own
            .filter(([, { login }]) => login !== superuser)
            .map(([name, { login }]) => [login, passwords[name] ?? '']),
        ),
      })
    }
    const ownerUrl = (name: 'owner' | 'keystore_owner'): string => {
      const { server, login } = logins[name]
      return testUrl(servers[server], login, passwords[name] ?? '', templates[server])
    }
    await migrateData(ownerUrl('owner'))
    if (keystoreMigrations().length > 0) await migrateKeystore(ownerUrl('keystore_owner'))
  } catch (error) {
    await close()
    throw error
  }
  project.provide('testServers', {
    root,
    urlPatterns: { data: servers.data.urlPattern, keystore: servers.keystore.urlPattern },
    passwords,
  })
  return close
}
