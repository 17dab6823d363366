import 'server-only'
import type { Client } from 'pg'

import { openClient } from '#lib/db/open-client.ts'
import { databaseUrl } from '#lib/ops/databases/database-urls.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'
import type { Env } from '#lib/parse-env.ts'

/** Runs an operator's command on the seal, on the sealer's login: it reads both logs and can change neither. */
export const withSeal = <T>(env: Env, work: (client: Client) => Promise<T>): Promise<T> =>
  withDatabases(env, async () => {
    const client = await openClient(databaseUrl(env, 'sealer'), {
      application_name: 'vigil audit',
      connectionTimeoutMillis: 10_000,
    })
    try {
      return await work(client)
    } finally {
      await client.end().catch(() => undefined)
    }
  })
