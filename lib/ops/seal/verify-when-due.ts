import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'

import type { Anchor } from '#lib/audit/seal/anchor.ts'
import { openClient } from '#lib/db/open-client.ts'
import { log } from '#lib/log.ts'
import { verifyAndRemember } from './verify-and-remember.ts'

const lookMilliseconds = 5000
const beatMilliseconds = 5000

type Plan = {
  readonly url: string
  readonly home: string
  readonly anchors: readonly Anchor[]
  readonly signal: AbortSignal
}

type Run = { id: string; mode: 'full' | 'since'; cause: string }

/**
 * Verifies the trail when it is due (once a day what is new, once a week everything, everything after a restore) and when a
 * compliance officer asks for it, for as long as the signal lets it. What it finds is kept, shown to compliance officers, and
 * logged. The database says what is due, and gives each run to one process.
 */
export const verifyWhenDue = async (plan: Plan): Promise<void> => {
  while (!plan.signal.aborted) {
    await lookOnce(plan).catch((error: unknown) => {
      log('job.failed', { place: 'audit.verify', errorName: nameOf(error) })
    })
    await sleep(lookMilliseconds, undefined, { signal: plan.signal }).catch(() => undefined)
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'Error')

const lookOnce = async (plan: Plan): Promise<void> => {
  const client = await openClient(plan.url, {
    application_name: 'vigil verifier',
    connectionTimeoutMillis: 10_000,
  })
  try {
    const run = await takeVerification(client)
    if (run) await carryOut(client, plan, run)
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
