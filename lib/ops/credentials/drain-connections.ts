import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import { nowMilliseconds } from '#lib/clock.ts'
import { openClient } from '#lib/db/open-client.ts'
import type { ChangedLogin } from './change-passwords.ts'

/** What is left of a login's connections from before the change. */
export type Drained = { readonly login: string; readonly older: number; readonly ended: number }

/**
 * A connection that has done nothing for this long belongs to no pool of Vigil's, which renews its idle ones within a
 * second of the change: to a forgotten psql, or a process of an older version.
 */
const forgottenSeconds = 30

// The server's own processes run under its superuser too, and authenticate nowhere.
const ownConnections = `usename = current_user AND backend_type IN ('client backend', 'walsender') AND backend_start < $1::timestamptz AND pid <> pg_backend_pid()`

const countOlder = async (login: ChangedLogin): Promise<number> => {
  const client = await openClient(login.url)
  try {
    const { rows } = await client.query<{ older: number }>(
      `SELECT count(*)::integer AS older FROM pg_stat_activity WHERE ${ownConnections}`,
      [login.since],
    )
    return rows[0]?.older ?? 0
  } finally {
    await client.end()
  }
}

/** A login may end its own connections. @returns how many were ended */
const endOlder = async (login: ChangedLogin, which: 'forgotten' | 'all'): Promise<number> => {
  const client = await openClient(login.url)
  try {
    const forgotten = `AND state = 'idle' AND state_change < clock_timestamp() - interval '${forgottenSeconds} seconds'`
    const { rows } = await client.query<{ ended: number }>(
      `SELECT count(*) FILTER (WHERE pg_terminate_backend(pid))::integer AS ended FROM pg_stat_activity
        WHERE ${ownConnections} ${which === 'forgotten' ? forgotten : ''}`,
      [login.since],
    )
    return rows[0]?.ended ?? 0
  } finally {
    await client.end()
  }
}

/**
 * Waits until no connection is left that may have been opened with the former password, and looks twice. Pools close
 * theirs between two units of work; forgotten ones are ended here; what still works then is ended only with `force`.
 */
export const drainConnections = async (
  login: ChangedLogin,
  { waitSeconds, force }: { readonly waitSeconds: number; readonly force: boolean },
): Promise<Drained> => {
  const giveUpAt = nowMilliseconds() + waitSeconds * 1000
  let ended = 0
  for (let seenNone = 0; ;) {
    const older = await countOlder(login)
    seenNone = older === 0 ? seenNone + 1 : 0
    if (seenNone === 2) return { login: login.name, older, ended }
    const isLate = nowMilliseconds() > giveUpAt
    if (isLate && older > 0 && !force) return { login: login.name, older, ended }
    if (older > 0) ended += await endOlder(login, isLate ? 'all' : 'forgotten')
    await sleep(seenNone === 1 ? 1000 : 500)
  }
}
