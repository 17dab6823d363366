import 'server-only'

import type { Pool } from 'pg'
import { connectionFault } from '#lib/connection-url.ts'
import { env } from '#lib/env.ts'
import { NotConfigured } from '#lib/errors.ts'
import { log } from '#lib/log.ts'
import { openPool } from './open-pool.ts'

/**
 * One pool per login and use. A unit of work holds its connection while it runs, so the functions that are called
 * beside it have a pool of their own: waiting for each other's connections would be a dead-lock.
 */
export type PoolName = 'record' | 'app' | 'worker-record' | 'worker' | 'sealer' | 'audit'

const settings = {
  /** units of work of the web process */
  record: { url: () => env.databaseUrl, variable: 'DATABASE_URL', max: 16 },
  /** functions of the schemas app and audit, outside of units */
  app: { url: () => env.databaseUrl, variable: 'DATABASE_URL', max: 8 },
  'worker-record': { url: () => env.databaseWorkerUrl, variable: 'DATABASE_WORKER_URL', max: 8 },
  worker: { url: () => env.databaseWorkerUrl, variable: 'DATABASE_WORKER_URL', max: 4 },
  sealer: { url: () => env.databaseSealerUrl, variable: 'DATABASE_SEALER_URL', max: 2 },
  audit: { url: () => env.databaseAuditUrl, variable: 'DATABASE_AUDIT_URL', max: 4 },
} as const satisfies Record<PoolName, { url: () => string | undefined; variable: string; max: number }>

const pools = new Map<PoolName, Pool>()

/**
 * The pool of a login, made on first use. TLS is verified (`sslmode=verify-full`) unless the server is on a local
 * socket; node-postgres then checks chain and host name, and Node allows nothing below TLS 1.2.
 * @throws NotConfigured when the address is missing or would not be verified
 */
export function pool(name: PoolName): Pool {
  const existing = pools.get(name)
  if (existing) return existing
  const made = makePool(name)
  pools.set(name, made)
  return made
}

const lastWords = new Set<() => Promise<void>>()

/** Lets a module say something to the database before connections end for good; it must not throw. */
export function beforePoolsEnd(work: () => Promise<void>): void {
  lastWords.add(work)
}

/** Ends pools, all of them by default; a later use opens a new one. */
export async function endPools(names: Iterable<PoolName> = [...pools.keys()]): Promise<void> {
  for (const work of lastWords) await work()
  const ending = [...names].map(async (name) => {
    const open = pools.get(name)
    pools.delete(name)
    await open?.end()
  })
  await Promise.all(ending)
}

function makePool(name: PoolName): Pool {
  const { variable, max, url } = settings[name]
  const address = url()
  if (address === undefined)
    throw new NotConfigured(`${variable} is missing: start Vigil with "npm start", or set it.`)
  const fault = connectionFault(address, { production: env.environment === 'production' })
  if (fault !== undefined) throw new NotConfigured(`${variable} ${fault}`)
  const made = openPool(address, {
    max,
    application_name: `vigil-${name}`,
    // A database that does not answer must become an error page, not a page that loads for ever.
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    // What is asked for together is sent together, and answered in order: a unit's reads cost one round trip, not many.
    pipeline: true,
  })
  made.on('error', (error) => {
    log('database.connection-lost', { code: codeOf(error), place: `pool.${name}` })
  })
  return made
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
