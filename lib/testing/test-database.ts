import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { inject } from 'vitest'
import { type LoginName, type ServerName, logins } from '#lib/ops/postgres/embedded-servers.ts'
import { cloneDatabase } from './clone-database.ts'
import { templates, testUrl } from './test-servers.ts'

export type TestDatabase = {
  /** addresses by login: `urls.app`, `urls.worker`, `urls.owner`, `urls.superuser`, `urls.keystore`, … */
  readonly urls: Readonly<Record<LoginName, string>>
  /** directory that this database's tests may write to; it goes away with the servers */
  readonly home: string
  /** Removes the databases, ending whoever is still connected to them. */
  readonly close: () => Promise<void>
}

const asSuperuser = async <T>(server: ServerName, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const { urlPatterns, passwords } = inject('testServers')
  const name = server === 'data' ? 'superuser' : 'keystore_superuser'
  const client = new pg.Client({
    connectionString: testUrl(
      { urlPattern: urlPatterns[server] },
      logins[name].login,
      passwords[name] ?? '',
      'postgres',
    ),
  })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** A fresh copy of the migrated databases: one of records, one of keys. Only in the vitest project `db`. */
export async function makeTestDatabase(): Promise<TestDatabase> {
  const { root, urlPatterns, passwords } = inject('testServers')
  const name = `test_${randomBytes(6).toString('hex')}`
  await Promise.all(
    (['data', 'keystore'] as const).map((server) =>
      asSuperuser(server, (client) => cloneDatabase(client, templates[server], name)),
    ),
  )
  const home = path.join(root, 'homes', name)
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const urlOf = (login: LoginName): string =>
    testUrl(
      { urlPattern: urlPatterns[logins[login].server] },
      logins[login].login,
      passwords[login] ?? '',
      name,
    )
  return {
    home,
    urls: {
      superuser: urlOf('superuser'),
      owner: urlOf('owner'),
      app: urlOf('app'),
      worker: urlOf('worker'),
      sealer: urlOf('sealer'),
      audit_reader: urlOf('audit_reader'),
      keystore_superuser: urlOf('keystore_superuser'),
      keystore_owner: urlOf('keystore_owner'),
      keystore: urlOf('keystore'),
      keystore_operator: urlOf('keystore_operator'),
    },
    close: async () => {
      for (const server of ['data', 'keystore'] as const)
        await asSuperuser(server, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
    },
  }
}

let ownDatabase: Promise<TestDatabase> | undefined

/** The databases of this test file, the same that lib/env.ts names while it runs. They go away with the servers. */
export const testDatabase = (): Promise<TestDatabase> => (ownDatabase ??= makeTestDatabase())
