import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import { nowMilliseconds } from '#lib/clock.ts'
import { appQuery } from '#lib/db/app-database.ts'
import { endPools } from '#lib/db/pools.ts'
import { asService } from '#lib/phi/service-actor.ts'

const now = async (): Promise<Date> => {
  const [row] = await appQuery<{ now: Date }>('SELECT app.now() AS now', [], 'worker')
  return row?.now ?? new Date(0)
}

/** Writes down, as the operator on the server, that credentials are others now: one security event each. */
export const recordRotation = async (names: readonly string[], byHand: boolean): Promise<void> => {
  try {
    await asService('people', async (operator) => {
      for (const name of names)
        await appQuery(
          'SELECT app.credential_changed($1, $2, $3)',
          [operator.sessionToken, name, byHand],
          'worker',
        )
    })
  } finally {
    await endPools(['worker'])
  }
}

export type EndedSessions = { readonly ended: number; readonly remaining: number }

/**
 * Ends the sessions of jobs that were opened before now. One that a job is using is waited for, since the job would fail;
 * with `force` it is ended when the time is up.
 */
export const endServiceSessions = async (options: {
  readonly waitSeconds: number
  readonly force: boolean
}): Promise<EndedSessions> => {
  const giveUpAt = nowMilliseconds() + options.waitSeconds * 1000
  try {
    return await asService('people', async (operator) => {
      const before = await now()
      let ended = 0
      for (;;) {
        const isLate = nowMilliseconds() > giveUpAt
        const [row] = await appQuery<EndedSessions>(
          'SELECT ended, remaining FROM app.service_sessions_end($1, $2, $3)',
          [operator.sessionToken, before, isLate && options.force],
          'worker',
        )
        ended += row?.ended ?? 0
        if (isLate || row?.remaining === 0) return { ended, remaining: row?.remaining ?? 0 }
        await sleep(1000)
      }
    })
  } finally {
    await endPools(['worker'])
  }
}
