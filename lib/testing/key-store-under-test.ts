import { randomBytes } from 'node:crypto'
import path from 'node:path'
import pg from 'pg'

import { initialiseKeyStore } from '#lib/keys/initialise-key-store.ts'
import type { KeyProvider } from '#lib/keys/key-provider.ts'
import { defaultKeyLimits, type KeyLimits, type KeySettings } from '#lib/keys/key-settings.ts'
import type { KeyStore } from '#lib/keys/key-store.ts'
import { openFileProvider } from '#lib/keys/file/file-provider.ts'
import { keyringRecord } from '#lib/keys/keyring-record.ts'
import { openOperatorPool } from '#lib/keys/open-key-pool.ts'
import { openKeyStore } from '#lib/keys/open-key-store.ts'
import { makeTestDatabase } from './test-database.ts'

/** A key store with a database and a home of its own. */
export type KeyStoreUnderTest = {
  readonly settings: KeySettings
  /** opens it as one more process would; `limits` replaces some of the defaults */
  open(limits?: Partial<KeyLimits>, provider?: KeyProvider): Promise<KeyStore>
  /** its provider, apart from any process that uses it */
  openProvider(): Promise<KeyProvider>
  /** runs a statement as the serving login, the owner of the tables, or the superuser */
  as(
    login: 'vigil_keys' | 'operator' | 'owner' | 'superuser',
    statement: string,
    values?: unknown[],
  ): Promise<pg.QueryResult>
  /** lets nobody in and ends who is there; returns what puts it right again */
  stopDatabase(): Promise<() => Promise<void>>
  close(): Promise<void>
}

/**
 * @param initialised whether keyring, state and root keys are made at once
 * @param other settings that differ from those of a keyring in a file
 */
export async function keyStoreUnderTest({
  initialised = true,
  settings: other = {},
}: { initialised?: boolean; settings?: Partial<KeySettings> } = {}): Promise<KeyStoreUnderTest> {
  const database = await makeTestDatabase()
  const settings: KeySettings = {
    environment: 'demo',
    home: database.home,
    keyProvider: 'file',
    keyringFile: path.join(database.home, 'keys', `${randomBytes(4).toString('hex')}.json`),
    keyringPassphrase: undefined,
    keyringPassphraseNext: undefined,
    keystoreUrl: database.urls.keystore,
    keystoreOperatorUrl: database.urls.keystore_operator,
    ...other,
  }
  if (initialised) await initialiseKeyStore(settings)
  const opened: KeyStore[] = []
  const urls = {
    vigil_keys: database.urls.keystore,
    operator: database.urls.keystore_operator,
    owner: database.urls.keystore_owner,
    superuser: database.urls.keystore_superuser,
  }

  async function as(
    login: keyof typeof urls,
    statement: string,
    values: unknown[] = [],
  ): Promise<pg.QueryResult> {
    const client = new pg.Client({ connectionString: urls[login] })
    await client.connect()
    try {
      return await client.query(statement, values)
    } finally {
      await client.end()
    }
  }

  return {
    settings,
    as,
    async openProvider() {
      // The pool lets go of its connections by itself when nobody uses them.
      const record = keyringRecord(openOperatorPool(settings, defaultKeyLimits), 'file')
      return openFileProvider(settings, record)
    },
    async open(limits, provider) {
      const store = await openKeyStore(settings, { ...defaultKeyLimits, ...limits }, provider)
      opened.push(store)
      return store
    },
    async stopDatabase() {
      const admit = async (connections: 0 | -1) => {
        const name = pg.escapeIdentifier(new URL(urls.superuser).pathname.slice(1))
        await as('superuser', `ALTER DATABASE ${name} CONNECTION LIMIT ${connections}`)
        const mine = "datname = current_database() AND usename IN ('vigil_keys', 'vigil_keys_operator')"
        await as('superuser', `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${mine}`)
      }
      await admit(0)
      return () => admit(-1)
    },
    async close() {
      await Promise.all(opened.map((store) => store.close()))
      await database.close()
    },
  }
}

/** A provider that counts its calls, and can be made to hang. */
export function countingProvider(
  provider: KeyProvider,
): KeyProvider & { calls: Record<string, number>; hang: boolean } {
  const calls: Record<string, number> = {}
  const counted = {
    ...provider,
    calls,
    hang: false,
    wrap: (...given: Parameters<KeyProvider['wrap']>) => count('wrap', () => provider.wrap(...given)),
    unwrap: (...given: Parameters<KeyProvider['unwrap']>) => count('unwrap', () => provider.unwrap(...given)),
  }
  function count<T>(name: string, work: () => Promise<T>): Promise<T> {
    calls[name] = (calls[name] ?? 0) + 1
    return counted.hang ? new Promise<T>(() => undefined) : work()
  }
  return counted
}
