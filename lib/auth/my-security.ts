import 'server-only'

import { z } from 'zod'
import type { Actor } from '#lib/policy/actor.ts'
import { authQueryOne } from './auth-query.ts'
import { listPasskeys, type PasskeyView } from './passkey/list-passkeys.ts'
import { listMySessions, peekSession, type SignInView } from './session.ts'

/** How long a one-time code counts as fresh for changing security settings; the database decides by the same figure. */
const freshMilliseconds = 5 * 60_000

/** A person's own sign-in settings. */
export type MySecurity = {
  sessions: SignInView[]
  passkeys: PasskeyView[]
  recoveryCodesLeft: number
  /** false: a change asks for a one-time code first */
  isFresh: boolean
}

/** What a person may know about how they sign in. */
export async function readMySecurity(actor: Actor): Promise<MySecurity> {
  const [sessions, passkeys, left, fresh] = await Promise.all([
    listMySessions(actor.sessionToken),
    listPasskeys(actor),
    authQueryOne(z.object({ count: z.int() }), 'SELECT app.recovery_codes_left($1) AS count', [
      actor.sessionToken,
    ]),
    hasFreshSecondFactor(actor),
  ])
  return { sessions, passkeys, recoveryCodesLeft: left.count, isFresh: fresh }
}

/** Whether the second factor was shown in the last five minutes of the database's clock. */
export async function hasFreshSecondFactor(actor: Actor): Promise<boolean> {
  const standing = await peekSession(actor.sessionToken)
  return (
    standing.state === 'active' &&
    standing.serverNow.getTime() - standing.secondFactorAt.getTime() < freshMilliseconds
  )
}
