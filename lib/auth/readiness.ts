import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { VigilError } from '#lib/errors.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { log } from '#lib/log.ts'

export type Readiness = {
  ready: boolean
  database: 'ok' | 'unreachable'
  /** degraded: serving from the cache through an outage; denied: the root key's holder refuses */
  keys: 'ok' | 'degraded' | 'denied' | 'unreachable'
}

/** Whether a request could be served: the database answers and the keys can be had. For load balancers and operators. */
export async function readiness(): Promise<Readiness> {
  const [database, keys] = await Promise.all([databaseState(), keysState()])
  return { ready: database === 'ok' && (keys === 'ok' || keys === 'degraded'), database, keys }
}

async function databaseState(): Promise<Readiness['database']> {
  try {
    await appQuery('SELECT app.now()')
    return 'ok'
  } catch (cause) {
    refuse('ready.database', cause)
    return 'unreachable'
  }
}

async function keysState(): Promise<Readiness['keys']> {
  try {
    return await (await processKeyStore()).health()
  } catch (cause) {
    refuse('ready.keys', cause)
    return 'unreachable'
  }
}

function refuse(place: string, cause: unknown): void {
  log('ready.refused', {
    place,
    errorName: cause instanceof Error ? cause.name : undefined,
    reference: cause instanceof VigilError ? cause.reference : undefined,
  })
}
