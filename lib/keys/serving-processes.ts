import 'server-only'
import type { Pool } from 'pg'

import type { KeySettings } from './key-settings.ts'
import { configuredProviders, type ProviderId } from './open-provider.ts'

const prefix = 'vigil key changes'

/**
 * What a process calls the connection on which it hears of changed keys: together with the providers that its settings let it
 * open, so that an operator's verb can tell whether everybody could follow a move.
 */
export const listenerName = (settings: KeySettings): string =>
  `${prefix}: ${configuredProviders(settings).join(' ')}`

/**
 * How many processes hold the key store open now, and how many of them could not open a provider. Serving processes are there on
 * another login than the operator's verb that asks; PostgreSQL shows everybody what a connection is called.
 */
export async function processesWithout(
  database: Pool,
  provider: ProviderId,
): Promise<{ processes: number; without: number }> {
  const { rows } = await database.query<{ name: string }>(
    `SELECT application_name AS name FROM pg_stat_activity
      WHERE datname = current_database() AND starts_with(application_name, $1)`,
    [prefix],
  )
  const without = rows.filter(
    ({ name }) =>
      !name
        .slice(prefix.length + 1)
        .split(' ')
        .includes(provider),
  )
  return { processes: rows.length, without: without.length }
}
