import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'

import { openClient } from '#lib/db/open-client.ts'
import { log } from '#lib/log.ts'
import { verifyAndRemember } from './verify-and-remember.ts'

const lookMilliseconds = 10 * 60 * 1000

/**
 * Verifies the whole trail once a day, for as long as the signal lets it: a tree that is newer than its last verification (the
 * first, or one that began after a restore) at once. What it finds is kept, shown to compliance officers, and logged.
 */
export const verifyNightly = async (plan: {
  url: string
  home: string
  signal: AbortSignal
}): Promise<void> => {
  while (!plan.signal.aborted) {
    await verifyWhenDue(plan).catch((error: unknown) => {
      log('job.failed', { place: 'audit.verify', errorName: error instanceof Error ? error.name : undefined })
    })
    await sleep(lookMilliseconds, undefined, { signal: plan.signal }).catch(() => undefined)
  }
}

const verifyWhenDue = async ({ url, home }: { url: string; home: string }): Promise<void> => {
  const client = await openClient(url, {
    application_name: 'vigil verifier',
    connectionTimeoutMillis: 10_000,
  })
  try {
    const { rows } = await client.query<{ due: boolean }>(
      `SELECT tree_size > 1 AND coalesce(verified_at < clock_timestamp() - interval '24 hours', true) AS due FROM audit.seal_status()`,
    )
    if (rows[0]?.due !== true) return
    const verdict = await verifyAndRemember(client, home)
    if (!verdict.ok) log('job.failed', { place: 'audit.verify', errorName: 'TrailChanged' })
  } finally {
    await client.end().catch(() => undefined)
  }
}
