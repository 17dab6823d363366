import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'

import { isOutdated, openClient } from '#lib/db/open-client.ts'
import { endPools } from '#lib/db/pools.ts'
import { closeProcessKeyStore } from '#lib/keys/process-key-store.ts'
import { log } from '#lib/log.ts'
import { runExports } from '#lib/ops/export/run-exports.ts'
import type { Job } from './job.ts'
import { runJobs } from './run-jobs.ts'
import { runMail } from './run-mail.ts'

/** Any number, the same for every worker: one of them works, the others wait for it to go away. */
const workerLock = [7614, 3] as const

const lookMilliseconds = 1000
const pauseMilliseconds = 5000

type Plan = {
  /** of the database, as login vigil_worker */
  readonly url: string
  readonly jobs: readonly Job[]
  readonly home: string
  /** host of the product's address */
  readonly host: string
  readonly signal: AbortSignal
}

/** Whether this session is the one that works, from now until its connection ends. */
const elect = async (client: Client): Promise<boolean> => {
  const { rows } = await client.query<{ elected: boolean }>(
    'SELECT pg_try_advisory_lock($1, $2) AS elected',
    [...workerLock],
  )
  return rows[0]?.elected === true
}

/** Watches the connection that holds the lock: when it is gone, somebody else may be elected, so the work must end. */
const holdOffice = async (client: Client, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted && !isOutdated(client)) {
    await client.query('SELECT 1')
    await sleep(lookMilliseconds, undefined, { signal }).catch(() => undefined)
  }
}

const workWhileElected = async ({ url, jobs, home, host, signal }: Plan): Promise<void> => {
  const client = await openClient(url, { application_name: 'vigil worker', connectionTimeoutMillis: 10_000 })
  const office = new AbortController()
  const until = AbortSignal.any([signal, office.signal])
  try {
    while (!(await elect(client))) await sleep(lookMilliseconds, undefined, { signal })
    const ended = (work: Promise<void>): Promise<void> => work.finally(() => office.abort())
    const outcomes = await Promise.allSettled([
      ended(holdOffice(client, until)),
      ended(runJobs(jobs, until)),
      ended(runExports({ url, home, host, signal: until })),
      ended(runMail(until)),
    ])
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  } finally {
    await client.end().catch(() => undefined)
  }
}

/**
 * Does what is done periodically, makes exports and sends letters, until the signal fires, elected among all workers by a lock in the database. What goes wrong is
 * logged and tried again.
 */
export const runWorker = async (plan: Plan): Promise<void> => {
  while (!plan.signal.aborted) {
    try {
      await workWhileElected(plan)
    } catch (error) {
      if (plan.signal.aborted) break
      log('job.failed', {
        place: 'worker',
        errorName: error instanceof Error ? error.name : undefined,
        code:
          error instanceof Error && 'code' in error && typeof error.code === 'string'
            ? error.code
            : undefined,
      })
      await sleep(pauseMilliseconds, undefined, { signal: plan.signal }).catch(() => undefined)
    }
  }
  await endPools()
  await closeProcessKeyStore()
}
