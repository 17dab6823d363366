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
  const client = await lockedClient(database, name, signal)
  try {
    return await work()
  } finally {
    client.release(true)
  }
}

/** Asked for again and again, and without a connection in between: who waits must not keep who works from the pool. */
async function lockedClient(database: Pool, name: string, signal: AbortSignal): Promise<PoolClient> {
  for (;;) {
    const client = await database.connect()
    // While the work goes on nobody listens to this connection; unheard, its end would be that of the process.
    const lost = () => undefined
    client.on('error', lost)
    let held = false
    try {
      const { rows } = await client.query<{ held: boolean }>(
        "SELECT pg_try_advisory_lock(hashtext('vigil keys'), hashtext($1)) AS held",
        [name],
      )
      held = rows[0]?.held === true
      if (held) return client
    } finally {
      if (!held) {
        client.off('error', lost)
        client.release()
      }
    }
    if (signal.aborted)
      throw new ProviderOutage('Another operator is at work on the same keys: try again later.')
    await sleep(50)
  }
}
