import 'server-only'

import type { Actor } from '#lib/policy/actor.ts'
import type { invitedRoles } from './input.ts'
import { peopleQuery } from './people-query.ts'

/** Gives a member of staff another role and ends their sessions. False when nothing changed, or it is the administrator's own. */
export const setRole = (
  actor: Actor,
  accountId: string,
  role: (typeof invitedRoles)[number],
): Promise<boolean> => done(actor, 'SELECT app.account_set_role($1, $2, $3) AS done', [accountId, role])

/** Shuts a member of staff out: every session ends with it, on the very next access. */
export const deactivatePerson = (actor: Actor, accountId: string): Promise<boolean> =>
  done(actor, 'SELECT app.account_deactivate($1, $2) AS done', [accountId])

/** Undoes a deactivation; sessions stay ended. */
export const reactivatePerson = (actor: Actor, accountId: string): Promise<boolean> =>
  done(actor, 'SELECT app.account_reactivate($1, $2) AS done', [accountId])

/** Ends one session, of anybody. */
export const endStaffSession = (actor: Actor, sessionId: string): Promise<boolean> =>
  done(actor, 'SELECT app.session_end_other($1, $2) AS done', [sessionId])

async function done(actor: Actor, text: string, values: unknown[]): Promise<boolean> {
  const [row] = await peopleQuery<{ done: boolean }>(actor, text, values)
  return row?.done ?? false
}
