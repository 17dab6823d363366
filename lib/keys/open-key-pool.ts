import 'server-only'
import type { Pool } from 'pg'

import { openPool } from '#lib/db/open-pool.ts'
import { NotConfigured } from '#lib/errors.ts'
import type { KeyLimits, KeySettings } from './key-settings.ts'

/**
 * The key store's own few connections. They must not come from the pool that serves records: a unit of work holds a
 * connection while it asks for keys, and with one pool for both, as many units as connections would wait for ever.
 * @throws NotConfigured without an address
 */
export function openKeyPool(settings: KeySettings, limits: KeyLimits): Pool {
  if (settings.keystoreUrl === undefined) {
    throw new NotConfigured(
      'KEYSTORE_URL is missing: set it to the address of the key store, as login vigil_keys.',
    )
  }
  return openAt(settings.keystoreUrl, limits)
}

/**
 * The same for an operator's verb, on the login that may change, rewrap and destroy keys; no serving process has its address.
 * Without one the serving login is tried, which the database lets do less.
 * @throws NotConfigured without any address
 */
export function openOperatorPool(settings: KeySettings, limits: KeyLimits): Pool {
  return settings.keystoreOperatorUrl === undefined
    ? openKeyPool(settings, limits)
    : openAt(settings.keystoreOperatorUrl, limits)
}

function openAt(url: string, limits: KeyLimits): Pool {
  const milliseconds = limits.attemptSeconds * 1000
  const pool = openPool(url, {
    application_name: 'vigil keys',
    max: 4,
    connectionTimeoutMillis: milliseconds,
    query_timeout: milliseconds,
    statement_timeout: milliseconds,
    allowExitOnIdle: true,
  })
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined)
  return pool
}
