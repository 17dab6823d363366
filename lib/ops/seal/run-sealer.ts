import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'

import { Sealer, SealRefused } from '#lib/audit/seal/sealer.ts'
import { isOutdated, openClient } from '#lib/db/open-client.ts'
import { log } from '#lib/log.ts'
import type { Anchors } from './open-anchors.ts'
import { readSealKey } from './seal-key.ts'

/** Any number, the same for every sealer: one of them seals, the others wait for it to go away. */
export const sealerLock = [7614, 2] as const

const everyMilliseconds = 1000
const pauseMilliseconds = 5000

type Plan = {
  readonly url: string
  readonly home: string
  readonly anchors: Anchors
  readonly signal: AbortSignal
}

/** Whether this session is the one that seals, from now until its connection ends. */
const elect = async (client: Client): Promise<boolean> => {
  const { rows } = await client.query<{ elected: boolean }>(
    'SELECT pg_try_advisory_lock($1, $2) AS elected',
    [...sealerLock],
  )
  return rows[0]?.elected === true
}

const sealWhileElected = async ({ url, home, anchors, signal }: Plan): Promise<void> => {
  const client = await openClient(url, { application_name: 'vigil sealer', connectionTimeoutMillis: 10_000 })
  try {
    const sealer = new Sealer(client, (incarnation) => readSealKey(home, incarnation), anchors.file, anchors)
    while (!(await elect(client))) await sleep(everyMilliseconds, undefined, { signal })
    // Once the login has a new password this connection must go, and the next one is elected anew.
    while (!isOutdated(client)) {
      await sealer.step()
      await sleep(everyMilliseconds, undefined, { signal })
    }
  } finally {
    await client.end().catch(() => undefined)
  }
}

/**
 * Seals the audit trail until the signal fires: once a second, elected among all sealers by a lock in the database. What
 * goes wrong is logged and tried again; a database that lacks what the anchor holds stays unsealed until somebody
 * has looked (`vigil audit verify` names what is wrong).
 */
export const runSealer = async (plan: Plan): Promise<void> => {
  while (!plan.signal.aborted) {
    try {
      await sealWhileElected(plan)
    } catch (error) {
      if (plan.signal.aborted) return
      log('job.failed', {
        place: error instanceof SealRefused ? 'audit.seal-refused' : 'audit.seal',
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
