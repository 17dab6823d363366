import 'server-only'
import { endPools } from '#lib/db/pools.ts'
import { closeProcessKeyStore } from '#lib/keys/process-key-store.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'
import type { Env } from '#lib/parse-env.ts'

/** Runs a command that needs the databases and the key store, and closes both after it. */
export const withRecordStore = <T>(env: Env, work: () => Promise<T>): Promise<T> =>
  withDatabases(env, async () => {
    try {
      return await work()
    } finally {
      await endPools()
      await closeProcessKeyStore()
    }
  })
