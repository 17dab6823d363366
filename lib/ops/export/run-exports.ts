import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'

import { isOutdated, openClient } from '#lib/db/open-client.ts'
import { log } from '#lib/log.ts'
import { makeExport } from './make-export.ts'
import { sweepExports } from './sweep-exports.ts'
import { takeExport } from './take-export.ts'

const lookMilliseconds = 2000
const pauseMilliseconds = 5000
const sweepEvery = 10

type Plan = {
  readonly url: string
  readonly home: string
  readonly host: string
  readonly signal: AbortSignal
}

/** Makes exports of the trail, one after the other, until the signal fires. What goes wrong is logged and tried again. */
export const runExports = async (plan: Plan): Promise<void> => {
  while (!plan.signal.aborted) {
    try {
      await workOnQueue(plan)
    } catch (error) {
      if (plan.signal.aborted) return
      log('job.failed', {
        place: 'audit.exports',
        errorName: error instanceof Error ? error.name : undefined,
        code:
          error instanceof Error && 'code' in error && typeof error.code === 'string'
            ? error.code
            : undefined,
      })
      await sleep(pauseMilliseconds, undefined, { signal: plan.signal }).catch(() => undefined)
    }
  }
}

const workOnQueue = async ({ url, home, host, signal }: Plan): Promise<void> => {
  const client = await openClient(url, { application_name: 'vigil exports', connectionTimeoutMillis: 10_000 })
  // An export under way is dropped when everything ends: its lease runs out, and it begins anew.
  const end = (): void => void client.end().catch(() => undefined)
  signal.addEventListener('abort', end, { once: true })
  try {
    // Once the login has a new password this connection must go.
    for (let look = 0; !signal.aborted && !isOutdated(client); look += 1) {
      if (look % sweepEvery === 0) await sweepExports(client, home)
      const taken = await takeExport(client, null)
      if (taken) await makeExport(client, taken, { home, host })
      else await sleep(lookMilliseconds, undefined, { signal }).catch(() => undefined)
    }
  } finally {
    signal.removeEventListener('abort', end)
    await client.end().catch(() => undefined)
  }
}
