import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool, PoolClient } from 'pg'

import { ProviderOutage } from './key-provider.ts'

/**
 * Runs work while nobody else runs work of this name, on any machine: the lock lies in the key store and goes with its
 * connection, so that a killed process leaves none behind. It orders operators; what they write is compared and swapped all
 * the same, for a connection may break while its owner works on.
 * @throws ProviderOutage when the lock was not to be had before the signal fired
 */
export async function exclusively<T>(
  database: Pool,
  name: string,
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const client = await database.connect()
  client.on('error', () => undefined)
  try {
    await lock(client, name, signal)
    return await work()
  } finally {
    client.release(true)
  }
}

/** Asked for again and again rather than waited for: the statements of this pool have a short time limit. */
async function lock(client: PoolClient, name: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ held: boolean }>(
      "SELECT pg_try_advisory_lock(hashtext('vigil keys'), hashtext($1)) AS held",
      [name],
    )
    if (rows[0]?.held === true) return
    if (signal.aborted)
      throw new ProviderOutage('Another operator is at work on the same keys: try again later.')
    await sleep(50)
  }
}
