import 'server-only'

import { z } from 'zod'
import { authQuery } from '#lib/auth/auth-query.ts'
import { clinic } from '#lib/clinic.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { personRoles, roleNames } from '#lib/policy/roles.ts'
import { isForGood } from './is-for-good.ts'
import type { SignInReport } from './view.ts'

const bar = z.object({ starts_at: z.string(), tries: z.int(), turned_away: z.int() })
const source = z.object({
  network: z.string().nullable(),
  tries: z.int(),
  turned_away: z.int(),
  addresses: z.int(),
  accounts: z.int(),
  last_at: z.date(),
})
const held = z.object({
  account_id: z.uuid().nullable(),
  display_name: z.string().nullable(),
  role: z.enum(personRoles).nullable(),
  failures: z.int().nullable(),
  blocked_until: z.date().nullable(),
  locked_at: z.date().nullable(),
  people: z.int(),
})

/**
 * Failed tries to get in, where they came from, and whose account is held up by them. For administrators.
 * @param unit the last 30 days by the day, or the last 24 hours by the hour
 * @throws RecordUnavailable when the database does not answer, or the actor is not an administrator
 */
export async function readSignInReport(actor: Actor, unit: 'hour' | 'day'): Promise<SignInReport> {
  const token = actor.sessionToken
  const [bars, sources, locks] = await Promise.all([
    authQuery(bar, 'SELECT * FROM audit.sign_in_failures($1, $2, $3, $4)', [
      token,
      unit,
      unit === 'hour' ? 24 : 30,
      clinic.timeZone,
    ]),
    authQuery(source, 'SELECT * FROM audit.sign_in_sources($1, $2)', [token, unit === 'hour' ? 24 : 30 * 24]),
    authQuery(held, 'SELECT * FROM app.sign_in_locks($1)', [token]),
  ])
  return {
    unit,
    bars: bars.map((row) => ({ startsAt: row.starts_at, entries: row.tries, refused: row.turned_away })),
    sources: sources.map((row) => ({
      network: row.network,
      tries: row.tries,
      turnedAway: row.turned_away,
      addresses: row.addresses,
      accounts: row.accounts,
      lastAt: row.last_at.toISOString(),
    })),
    held: locks.flatMap((row) =>
      row.account_id === null || row.role === null
        ? []
        : {
            accountId: row.account_id,
            name: row.display_name ?? '',
            roleName: roleNames[row.role],
            failures: row.failures,
            until:
              row.blocked_until === null || isForGood(row.blocked_until)
                ? null
                : row.blocked_until.toISOString(),
            isLocked: row.locked_at !== null,
            isOwn: row.account_id === actor.accountId,
          },
    ),
    heldPortalAccounts: locks.find((row) => row.account_id === null)?.people ?? 0,
  }
}
