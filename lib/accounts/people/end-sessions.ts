import 'server-only'

import type { Actor } from '#lib/policy/actor.ts'
import { peopleQuery } from './people-query.ts'
import { provenQuery } from './proven-query.ts'

/** Ends every session of one member of staff, at once and without a code: taking power away never waits. @returns how many */
export async function endSessionsOf(actor: Actor, accountId: string): Promise<number> {
  const [row] = await peopleQuery<{ ended: number }>(actor, 'SELECT app.sessions_end_of($1, $2) AS ended', [
    accountId,
  ])
  return row?.ended ?? 0
}

/**
 * Signs everybody out, patients included, except the administrator who does it: after a leak of cookies, say (ASVS 5.0 7.4.5).
 * @returns how many sessions ended
 * @throws SecondFactorTooOld (stepUp first)
 */
export function endEverybodysSessions(actor: Actor): Promise<number> {
  return provenQuery<number>(actor, 'app.sessions_end_everybodys($1)')
}
