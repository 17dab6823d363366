import 'server-only'

import { hasFreshSecondFactor } from '#lib/auth/second-factors.ts'
import { clinic } from '#lib/clinic.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { invitedRoles } from './input.ts'
import { provenQuery } from './proven-query.ts'

/**
 * What came of a change: `nothing` when there was nothing to change or it is the administrator's own account;
 * `last-administrator` when nobody would be left who could undo it; `code-needed` when it gives rights and the second factor
 * is older than five minutes.
 */
export type PersonChange = 'done' | 'nothing' | 'last-administrator' | 'code-needed'

/** Gives a member of staff another role and ends their sessions. */
export const setRole = (
  actor: Actor,
  accountId: string,
  role: (typeof invitedRoles)[number],
): Promise<PersonChange> => change(actor, 'app.account_set_role($1, $2, $3)', [accountId, role])

/** Shuts a member of staff out: every session ends with it, on the very next access. */
export const deactivatePerson = (actor: Actor, accountId: string): Promise<PersonChange> =>
  change(actor, 'app.account_deactivate($1, $2)', [accountId])

/** Undoes a deactivation, and takes an end of employment back; sessions stay ended. */
export const reactivatePerson = (actor: Actor, accountId: string): Promise<PersonChange> =>
  change(actor, 'app.account_reactivate($1, $2)', [accountId])

/**
 * Sets a member of staff's last day, or takes it back (null). At its end, by the clinic's clock, the account has no power any
 * more, without anybody doing anything.
 * @param lastDay `YYYY-MM-DD`
 */
export const setLastDay = (actor: Actor, accountId: string, lastDay: string | null): Promise<PersonChange> =>
  change(actor, 'app.account_set_end($1, $2, ($3::date + 1)::timestamp AT TIME ZONE $4)', [
    accountId,
    lastDay,
    clinic.timeZone,
  ])

/** Ends one session, of anybody. */
export const endStaffSession = async (actor: Actor, sessionId: string): Promise<boolean> =>
  (await change(actor, 'app.session_end_other($1, $2)', [sessionId])) === 'done'

async function change(actor: Actor, call: string, values: unknown[]): Promise<PersonChange> {
  try {
    return (await provenQuery<boolean>(actor, call, values)) ? 'done' : 'nothing'
  } catch (cause) {
    if (codeOf(cause) === '55000') return 'last-administrator'
    if (codeOf(cause) === '42501' && actor.role === 'admin' && !(await hasFreshSecondFactor(actor)))
      return 'code-needed'
    throw cause
  }
}

const codeOf = (cause: unknown): unknown =>
  typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
