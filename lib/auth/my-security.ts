import 'server-only'

import { z } from 'zod'
import type { Actor } from '#lib/policy/actor.ts'
import { authQueryOne } from './auth-query.ts'
import { listPasskeys, type PasskeyView } from './passkey/list-passkeys.ts'
import { hasOwnPassword } from './confirm-password.ts'
import { factorsToAskFor, type AskedFactors } from './second-factors.ts'
import { listMySessions, type SignInView } from './session.ts'

/** A person's own sign-in settings. */
export type MySecurity = {
  sessions: SignInView[]
  passkeys: PasskeyView[]
  /** when the authenticator app was set up; null without one */
  totpEnrolledAt: Date | null
  /** false for somebody who has only ever come in through the identity provider */
  hasPassword: boolean
  /** the role signs in by passkeys: no authenticator app can be set up */
  passkeyOnly: boolean
  recoveryCodesLeft: number
  /** what a change asks for first; `false` while the last second factor is fresh */
  asks: AskedFactors
  /** after so many minutes without use a session of theirs has no power */
  idleMinutes: number
}

const myFactors = z.object({
  totp_enrolled_at: z.date().nullable(),
  passkey_only: z.boolean(),
  recovery_codes_left: z.int(),
})

/** What a person may know about how they sign in. */
export async function readMySecurity(actor: Actor): Promise<MySecurity> {
  const [sessions, passkeys, factors, asks, hasPassword, idle] = await Promise.all([
    listMySessions(actor.sessionToken),
    listPasskeys(actor),
    authQueryOne(myFactors, 'SELECT * FROM app.my_factors($1)', [actor.sessionToken]),
    factorsToAskFor(actor),
    hasOwnPassword(actor),
    authQueryOne(z.object({ minutes: z.int().nullable() }), 'SELECT app.my_idle_minutes($1) AS minutes', [
      actor.sessionToken,
    ]),
  ])
  return {
    sessions,
    passkeys,
    totpEnrolledAt: factors.totp_enrolled_at,
    hasPassword,
    passkeyOnly: factors.passkey_only,
    recoveryCodesLeft: factors.recovery_codes_left,
    asks,
    idleMinutes: idle.minutes ?? 15,
  }
}
