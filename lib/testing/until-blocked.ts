import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'

/**
 * Waits until a statement on the same database waits for a lock that somebody else holds.
 * @param superuser a connection that may see what others do
 * @param signal ends the waiting, when nobody needs to know any more
 * @throws Error when none waits within a minute
 */
export async function untilBlocked(superuser: pg.Client, signal?: AbortSignal): Promise<void> {
  const end = performance.now() + 60_000
  while (signal?.aborted !== true) {
    const { rowCount } = await superuser.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND state = 'active'`,
    )
    if (rowCount !== null && rowCount > 0) return
    if (performance.now() > end) throw new Error('nothing waits for a lock')
    await sleep(10)
  }
}
