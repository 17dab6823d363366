import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

import { Sealer, SealRefused } from '#lib/audit/seal/sealer.ts'
import { log } from '#lib/log.ts'
import { anchorFile, openFileAnchor } from './file-anchor.ts'
import { readSealKey } from './seal-key.ts'

/** Any number, the same for every sealer: one of them seals, the others wait for it to go away. */
export const sealerLock = [7614, 2] as const

const everyMilliseconds = 1000
const pauseMilliseconds = 5000

type Plan = { readonly url: string; readonly home: string; readonly signal: AbortSignal }

/** Whether this session is the one that seals, from now until its connection ends. */
const elect = async (client: pg.Client): Promise<boolean> => {
  const { rows } = await client.query<{ elected: boolean }>(
    'SELECT pg_try_advisory_lock($1, $2) AS elected',
    [...sealerLock],
  )
  return rows[0]?.elected === true
}

const sealWhileElected = async ({ url, home, signal }: Plan): Promise<void> => {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'vigil sealer',
    connectionTimeoutMillis: 10_000,
  })
  // The statement under way fails and says so; without a listener a lost connection would end the process.
  client.on('error', () => undefined)
  try {
    await client.connect()
    const sealer = new Sealer(
      client,
      (incarnation) => readSealKey(home, incarnation),
      openFileAnchor(anchorFile(home)),
    )
    while (!(await elect(client))) await sleep(everyMilliseconds, undefined, { signal })
    for (;;) {
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
