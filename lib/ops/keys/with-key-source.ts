import 'server-only'
import { endPools } from '#lib/db/pools.ts'
import type { KeySettings } from '#lib/keys/key-settings.ts'
import type { KeySource } from '#lib/keys/load-keys.ts'
import { openKeySource } from '#lib/keys/open-key-source.ts'
import { closeProcessKeyStore } from '#lib/keys/process-key-store.ts'
import { databaseUrl, findDatabaseUrl } from '#lib/ops/databases/database-urls.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'
import type { Env } from '#lib/parse-env.ts'
import { explainRefusal } from './explain-refusal.ts'

/** The settings with the key store's address, also where that is embedded. */
export const keySettings = (env: Env): KeySettings => ({
  ...env,
  keystoreUrl: databaseUrl(env, 'keystore'),
  keystoreOperatorUrl: findDatabaseUrl(env, 'keystore_operator'),
})

/**
 * Runs an operator's verb on the key store, with both databases up.
 * @throws KeysUnavailable in place of what a provider or the driver says
 */
export const withKeySource = <T>(
  env: Env,
  work: (source: KeySource, settings: KeySettings) => Promise<T>,
): Promise<T> =>
  withDatabases(env, async () => {
    const settings = keySettings(env)
    const source = await openKeySource(settings)
    try {
      return await work(source, settings)
    } catch (error) {
      throw explainRefusal(error, settings)
    } finally {
      await source.close()
      await endPools()
      await closeProcessKeyStore()
    }
  })
