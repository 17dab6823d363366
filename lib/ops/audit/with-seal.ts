import 'server-only'
import pg from 'pg'

import { databaseUrl } from '#lib/ops/databases/database-urls.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'
import type { Env } from '#lib/parse-env.ts'

/** Runs an operator's command on the seal, on the sealer's login: it reads both logs and can change neither. */
export const withSeal = <T>(env: Env, work: (client: pg.Client) => Promise<T>): Promise<T> =>
  withDatabases(env, async () => {
    const client = new pg.Client({
      connectionString: databaseUrl(env, 'sealer'),
      application_name: 'vigil audit',
      connectionTimeoutMillis: 10_000,
    })
    // The statement under way fails and says so; without a listener a lost connection would end the process.
    client.on('error', () => undefined)
    await client.connect()
    try {
      return await work(client)
    } finally {
      await client.end().catch(() => undefined)
    }
  })

/** Writes down what was done with the seal, before it is answered. */
export const reportSealEvent = async (
  client: pg.Client,
  event: 'AUDIT_VERIFIED' | 'AUDIT_PROOF_MADE' | 'AUDIT_RESTORE_ACKNOWLEDGED',
  detail: Readonly<Record<string, unknown>>,
): Promise<void> => {
  await client.query('SELECT audit.seal_event($1, $2::jsonb)', [event, JSON.stringify(detail)])
}
