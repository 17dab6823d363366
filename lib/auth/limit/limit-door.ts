import 'server-only'

import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import { z } from 'zod'
import { appQuery } from '#lib/db/app-database.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import { authQuery } from '#lib/auth/auth-query.ts'
import type { Client } from '#lib/auth/client.ts'
import { oneAtATime } from '#lib/auth/one-at-a-time.ts'
import { doors, type Door } from './doors.ts'
import { limitKeys } from './limit-keys.ts'

export type DoorOutcome =
  /** go on; call giveBack when it was somebody who belongs here, so that they are not counted as one who guesses */
  | { kind: 'go-on'; giveBack: () => Promise<void> }
  /** do nothing, and say how long */
  | { kind: 'wait'; seconds: number }

type DoorAttempt = { client: Pick<Client, 'ip'>; subject?: string; isKnown?: boolean; isGood?: boolean }

const windowSeconds = 3600
const firstDelaySeconds = 30
const longestDelaySeconds = 900

/**
 * Counts an attempt at a door and says whether it may go on: to be asked before anything is looked up or checked, the same for people
 * who exist and people who do not. It is counted by address, by network, and by the subject if there is one; past a limit only one
 * attempt goes through at a time, and the wait after it doubles from 30 seconds to 15 minutes. The counts stand in the database: they
 * survive a restart and hold for all web processes together. A door takes one attempt at a time in each process: a flood at it waits for
 * itself, on one connection, and not those who sign in meanwhile.
 * @param subject what else is counted, such as an account's id or the code that is tried; only a keyed digest of it is kept
 * @param isKnown the subject alone is counted, and not where it comes from (limit-browser.ts)
 * @param isGood all is counted, and the subject alone holds it up (limit-code.ts)
 * @throws RecordUnavailable when the database does not answer: then nothing may go on either
 * @see OWASP ASVS 5.0 6.3.1, 2.4.1; SP 800-63B-4 §3.2.2
 */
export async function limitDoor(
  door: Door,
  { client, subject, isKnown = false, isGood = false }: DoorAttempt,
): Promise<DoorOutcome> {
  // Whoever is known, or has a good code, does not queue behind strangers.
  return oneAtATime(isKnown || isGood ? `door ${door} ${subject}` : `door ${door}`, async () => {
    const { address, network, ...bySubject } = limitKeys(client.ip, subject)
    return count(door, client.ip, isKnown ? bySubject : { address, network, ...bySubject }, isGood)
  })
}

async function count(
  door: Door,
  clientIp: string | null,
  given: Partial<ReturnType<typeof limitKeys>>,
  isGood: boolean,
): Promise<DoorOutcome> {
  const counted: (() => Promise<unknown>)[] = []
  const giveBack = async (): Promise<void> => {
    await closed(Promise.all(counted.map((one) => one())))
  }
  const keys = Object.entries(given) as ['address' | 'network' | 'subject', string][]
  for (const [by, key] of keys) {
    const seconds = await closed(waitAt(door, by, key, clientIp, counted, isGood && by !== 'subject'))
    if (seconds > 0) {
      // Who is turned away by their own address is not counted against the network around them.
      await giveBack()
      return { kind: 'wait', seconds }
    }
  }
  return { kind: 'go-on', giveBack }
}

/** Counts one key; 0 when it may go on, which it always may where it is only counted. */
async function waitAt(
  door: Door,
  by: keyof (typeof doors)[Door],
  key: string,
  clientIp: string | null,
  counted: (() => Promise<unknown>)[],
  isOnlyCounted: boolean,
): Promise<number> {
  const counter = limiter(`${door}/${by}/count`, windowSeconds)
  const { consumedPoints } = await counter.penalty(key)
  counted.push(() => counter.reward(key))
  const over = consumedPoints - doors[door][by]
  if (over <= 0 || isOnlyCounted) return 0
  // Past the limit the key has to be free: taking it and closing it for a while are one statement of the database.
  const delay = Math.min(firstDelaySeconds * 2 ** Math.min(over - 1, 10), longestDelaySeconds)
  const turn = await limiter(`${door}/${by}/turn`, longestDelaySeconds)
    .consume(key, 1, { customDuration: delay })
    .catch((refusal: unknown) => {
      if (refusal instanceof RateLimiterRes) return refusal
      throw refusal
    })
  if (turn.consumedPoints > 1) return Math.max(1, Math.ceil(turn.msBeforeNext / 1000))
  await authQuery(z.object({}), 'SELECT app.door_limited($1, $2, $3, $4)', [door, by, delay, clientIp])
  return 0
}

/** One of the library's counters in our table. It makes no table and deletes nothing: the web login has no right to. */
function limiter(keyPrefix: string, duration: number): RateLimiterPostgres {
  return new RateLimiterPostgres({
    storeClient: store,
    storeType: 'client',
    schemaName: 'app',
    tableName: 'rate_limit',
    tableCreated: true,
    clearExpiredByTimeout: false,
    keyPrefix,
    points: 1,
    duration,
  })
}

const store = {
  query: async ({ text, values }: { text: string; values: unknown[] }) => {
    const rows = await appQuery(text, values)
    return { rows, rowCount: rows.length }
  },
}

async function closed<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    if (cause instanceof RecordUnavailable) throw cause
    throw new RecordUnavailable('attempts at a door could not be counted', { cause })
  }
}
