import 'server-only'

import { clinic } from '#lib/clinic.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { peopleQuery } from './people-query.ts'
import type { EmploymentEnd, LeaverClock } from './view.ts'

/**
 * The evidence that a leaver had no power from the moment on that an administrator took it (45 CFR 164.308(a)(3)(ii)(C)), from
 * the sealed trail; null when nothing was taken yet.
 */
export async function readLeaverClock(actor: Actor, accountId: string): Promise<LeaverClock | null> {
  const [row] = await peopleQuery<{
    shut_at: Date
    event: keyof typeof ways
    allowed_after: number
    first_refused_at: Date | null
    refused: number
  }>(actor, 'SELECT * FROM audit.leaver_clock($1, $2)', [accountId])
  if (!row) return null
  const { shut_at: shutAt, first_refused_at: refusedAt } = row
  return {
    shutAt: shutAt.toISOString(),
    by: ways[row.event],
    allowedAfter: row.allowed_after,
    refused: row.refused,
    firstRefused: refusedAt && {
      at: refusedAt.toISOString(),
      afterMilliseconds: refusedAt.getTime() - shutAt.getTime(),
    },
  }
}

const ways = {
  ACCOUNT_DEACTIVATED: 'closing',
  ROLE_CHANGED: 'new-role',
  EMPLOYMENT_END_SET: 'last-day',
} as const

/** The end that was set for a member of staff; null when there is none. */
export async function readEmploymentEnd(actor: Actor, accountId: string): Promise<EmploymentEnd | null> {
  const [row] = await peopleQuery<{ last_day: string | null; ends_at: Date | null }>(
    actor,
    'SELECT ends_at, ((ends_at AT TIME ZONE $3)::date - 1)::text AS last_day FROM app.account_end($1, $2)',
    [accountId, clinic.timeZone],
  )
  return row?.last_day && row.ends_at ? { lastDay: row.last_day, endsAt: row.ends_at.toISOString() } : null
}
