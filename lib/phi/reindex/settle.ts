import 'server-only'

import { setTimeout as sleep } from 'node:timers/promises'
import { appQuery } from '#lib/db/app-database.ts'
import { defaultKeyLimits, type KeyLimits } from '#lib/keys/key-settings.ts'

/** Seconds after a step within which somebody may still act as before it. */
export type Waits = {
  /** how long a process may go on with roots that it holds */
  readonly heldSeconds: number
  /** how long after its admission a unit of work may still begin to write */
  readonly unitSeconds: number
}

/**
 * The longest that holds for any process: one that hears of changes drops its roots at once, one that is deaf after the lease, and
 * one that is cut off from the key store looks things up by what it has for as long as KeyLimits allows. An admission lives
 * 15 seconds (audit.admitted_for_write).
 */
export const waitsOf = (limits: KeyLimits = defaultKeyLimits): Waits => ({
  heldSeconds: Math.max(limits.leaseSeconds, limits.cutOffSeconds),
  unitSeconds: 15,
})

/**
 * Waits until nobody can act on the roots as they were before: first for as long as a process may hold them and a unit of work
 * with them may still begin to write, on this process's own clock, then until every transaction that had begun to write by
 * then has ended, however long that takes.
 * @param still called again and again while a transaction holds it up
 */
export async function settle(waits: Waits, still: () => void = () => undefined): Promise<void> {
  await sleep((waits.heldSeconds + waits.unitSeconds) * 1000)
  const [now] = await appQuery<{ next: string }>(
    'SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next',
    [],
    'worker',
  )
  for (;;) {
    const [state] = await appQuery<{ ended: boolean }>(
      'SELECT pg_snapshot_xmin(pg_current_snapshot()) >= $1::text::xid8 AS ended',
      [now?.next],
      'worker',
    )
    if (state?.ended) return
    still()
    await sleep(200)
  }
}
