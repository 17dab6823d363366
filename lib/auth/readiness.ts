import 'server-only'

import { readPartitionStanding } from '#lib/audit/read-partition-standing.ts'
import { appQuery } from '#lib/db/app-database.ts'
import { VigilError } from '#lib/errors.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { log } from '#lib/log.ts'

export type Readiness = {
  ready: boolean
  database: 'ok' | 'unreachable'
  /** degraded: serving from the cache through an outage; denied: the root key's holder refuses */
  keys: 'ok' | 'degraded' | 'denied' | 'unreachable'
  /** stale: entries of the trail wait to be sealed for more than a minute. Requests are served all the same: an alarm, not an error */
  sealer: 'ok' | 'stale' | 'unreachable'
  /** stale: no sign of life of the process for periodic work for two minutes; failing: one of its jobs. An alarm as well */
  worker: 'ok' | 'stale' | 'failing' | 'unreachable'
  /** ending: the logs have no place for next month; missing: none for this one, and every access is refused */
  partitions: 'ok' | 'ending' | 'missing' | 'unreachable'
}

/** Whether a request could be served: the database answers and the keys can be had. For load balancers and operators. */
export async function readiness(): Promise<Readiness> {
  const [database, keys, sealer, worker, partitions] = await Promise.all([
    databaseState(),
    keysState(),
    sealerState(),
    workerState(),
    partitionState(),
  ])
  return {
    ready: database === 'ok' && (keys === 'ok' || keys === 'degraded') && partitions !== 'missing',
    database,
    keys,
    sealer,
    worker,
    partitions,
  }
}

async function workerState(): Promise<Readiness['worker']> {
  try {
    const [row] = await appQuery<{ silent: boolean | null; failing: string[] }>(
      `SELECT s.seen_at < clock_timestamp() - interval '2 minutes' AS silent, s.failing FROM app.worker_status() s`,
    )
    if (row?.silent !== false) return 'stale'
    return row.failing.length > 0 ? 'failing' : 'ok'
  } catch (cause) {
    refuse('ready.worker', cause)
    return 'unreachable'
  }
}

async function partitionState(): Promise<Readiness['partitions']> {
  try {
    const { monthsAhead: ahead } = await readPartitionStanding()
    return ahead < 0 ? 'missing' : ahead < 1 ? 'ending' : 'ok'
  } catch (cause) {
    refuse('ready.partitions', cause)
    return 'unreachable'
  }
}

async function sealerState(): Promise<Readiness['sealer']> {
  try {
    const [row] = await appQuery<{ stale: boolean | null }>(
      `SELECT s.oldest_unsealed_at < clock_timestamp() - interval '60 seconds' AS stale FROM audit.seal_status() s`,
    )
    return row?.stale === true ? 'stale' : 'ok'
  } catch (cause) {
    refuse('ready.sealer', cause)
    return 'unreachable'
  }
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
