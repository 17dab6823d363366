import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'

import type { Anchor } from '#lib/audit/seal/anchor.ts'
import { openClient } from '#lib/db/open-client.ts'
import { now } from '#lib/clock.ts'
import { log } from '#lib/log.ts'
import { noteFullVerification, readFullVerification } from './full-verification.ts'
import { verifyAndRemember } from './verify-and-remember.ts'

const lookMilliseconds = 5000
const beatMilliseconds = 5000
/** The database has everything verified each week; a day more, and this process does it by its own clock. */
const overdueMilliseconds = 8 * 24 * 3_600_000
/** Before a home has its first note, and after a try that failed. */
const pauseMilliseconds = 10 * 60_000

type Plan = {
  readonly url: string
  readonly home: string
  readonly anchors: readonly Anchor[]
  readonly signal: AbortSignal
  /** how long the database is left to say what is due before the first look by this process's own clock */
  readonly patience?: number
}

type Run = { id: string; mode: 'full' | 'since'; cause: string }

/**
 * Verifies the trail when it is due (once a day what is new, once a week everything, everything after a restore) and when a
 * compliance officer asks for it, for as long as the signal lets it. What it finds is kept, shown to compliance officers, and
 * logged. The database says what is due, and gives each run to one process; where it has not for longer than a week, everything is
 * verified all the same: whoever owns the database also owns what it says of itself.
 */
export const verifyWhenDue = async (plan: Plan): Promise<void> => {
  let notBefore = now().getTime() + (plan.patience ?? pauseMilliseconds)
  while (!plan.signal.aborted) {
    await lookOnce(plan, async (client) => {
      const at = now().getTime()
      const last = readFullVerification(plan.home)
      if (at < notBefore || (last !== null && at - last.getTime() < overdueMilliseconds)) return
      notBefore = at + pauseMilliseconds
      await verifyEverything(client, plan)
    }).catch((error: unknown) => {
      log('job.failed', { place: 'audit.verify', errorName: nameOf(error) })
    })
    await sleep(lookMilliseconds, undefined, { signal: plan.signal }).catch(() => undefined)
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'Error')

const lookOnce = async (plan: Plan, byOwnClock: (client: Client) => Promise<void>): Promise<void> => {
  const client = await openClient(plan.url, {
    application_name: 'vigil verifier',
    connectionTimeoutMillis: 10_000,
  })
  try {
    const run = await takeVerification(client)
    if (run) await carryOut(client, plan, run)
    await byOwnClock(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** The run that this process is to do now, if there is one. */
const takeVerification = async (client: Client): Promise<Run | undefined> => {
  const { rows } = await client.query<Run>('SELECT id::text, mode, cause FROM audit.take_verification()')
  return rows[0]
}

const carryOut = async (client: Client, plan: Plan, run: Run): Promise<void> => {
  // Reading takes one snapshot over one connection: what is told of it goes over another.
  const teller = await openClient(plan.url, {
    application_name: 'vigil verifier',
    connectionTimeoutMillis: 10_000,
  })
  let [done, of] = [0, 0]
  const beat = setInterval(() => {
    teller.query('SELECT audit.beat_verification($1, $2, $3)', [run.id, done, of]).catch(() => undefined)
  }, beatMilliseconds)
  const end = (id: string | null, failure: string | null) =>
    teller.query('SELECT audit.end_verification($1, $2, $3)', [run.id, id, failure])
  try {
    const { verdict, id } = await verifyAndRemember(client, {
      home: plan.home,
      anchors: plan.anchors,
      mode: { kind: run.mode },
      cause: run.cause,
      onProgress: (reached, total) => {
        ;[done, of] = [reached, total]
      },
    })
    if (run.mode === 'full') noteFullVerification(plan.home)
    await end(id, null)
    if (!verdict.ok) log('job.failed', { place: 'audit.verify', errorName: 'TrailChanged' })
  } catch (error) {
    await end(null, nameOf(error)).catch(() => undefined)
    throw error
  } finally {
    clearInterval(beat)
    await teller.end().catch(() => undefined)
  }
}

const verifyEverything = async (client: Client, plan: Plan): Promise<void> => {
  const { verdict } = await verifyAndRemember(client, {
    home: plan.home,
    anchors: plan.anchors,
    cause: 'weekly',
  })
  noteFullVerification(plan.home)
  if (!verdict.ok) log('job.failed', { place: 'audit.verify', errorName: 'TrailChanged' })
}
