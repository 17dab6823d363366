import 'server-only'

import { clinic } from '#lib/clinic.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { peopleQuery } from './people-query.ts'

/** What became of somebody's access after it was taken away. */
export type LeaverClock = {
  /** when the account was closed or given another role, ISO 8601 */
  shutAt: string
  wasClosed: boolean
  /** what sessions from before were still allowed; anything but 0 is an incident */
  allowedAfter: number
  /** the first attempt that was refused, and how long after, in milliseconds; null when nobody tried */
  firstRefused: { at: string; afterMilliseconds: number } | null
  refused: number
}

/**
 * The evidence that a leaver had no power from the moment on that an administrator took it (45 CFR 164.308(a)(3)(ii)(C)), from
 * the sealed trail; null when nothing was taken yet.
 */
export async function readLeaverClock(actor: Actor, accountId: string): Promise<LeaverClock | null> {
  const [row] = await peopleQuery<{
    shut_at: Date
    event: string
    allowed_after: number
    first_refused_at: Date | null
    refused: number
  }>(actor, 'SELECT * FROM audit.leaver_clock($1, $2)', [accountId])
  if (!row) return null
  const { shut_at: shutAt, first_refused_at: refusedAt } = row
  return {
    shutAt: shutAt.toISOString(),
    wasClosed: row.event === 'ACCOUNT_DEACTIVATED',
    allowedAfter: row.allowed_after,
    refused: row.refused,
    firstRefused: refusedAt && {
      at: refusedAt.toISOString(),
      afterMilliseconds: refusedAt.getTime() - shutAt.getTime(),
    },
  }
}

/** When a member of staff's access ends by itself. */
export type EmploymentEnd = {
  /** the last day of work by the clinic's clock, `YYYY-MM-DD` */
  lastDay: string
  /** ISO 8601 */
  endsAt: string
}

/** The end that was set for a member of staff; null when there is none. */
export async function readEmploymentEnd(actor: Actor, accountId: string): Promise<EmploymentEnd | null> {
  const [row] = await peopleQuery<{ last_day: string | null; ends_at: Date | null }>(
    actor,
    'SELECT ends_at, ((ends_at AT TIME ZONE $3)::date - 1)::text AS last_day FROM app.account_end($1, $2)',
    [accountId, clinic.timeZone],
  )
  return row?.last_day && row.ends_at ? { lastDay: row.last_day, endsAt: row.ends_at.toISOString() } : null
}
