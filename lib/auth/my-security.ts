import 'server-only'

import { z } from 'zod'
import type { Actor } from '#lib/policy/actor.ts'
import { authQueryOne } from './auth-query.ts'
import { listPasskeys, type PasskeyView } from './passkey/list-passkeys.ts'
import { factorsToAskFor, type AskedFactors } from './second-factors.ts'
import { listMySessions, type SignInView } from './session.ts'

/** A person's own sign-in settings. */
export type MySecurity = {
  sessions: SignInView[]
  passkeys: PasskeyView[]
  recoveryCodesLeft: number
  /** what a change asks for first; `false` while the last second factor is fresh */
  asks: AskedFactors
}

/** What a person may know about how they sign in. */
export async function readMySecurity(actor: Actor): Promise<MySecurity> {
  const [sessions, passkeys, left, asks] = await Promise.all([
    listMySessions(actor.sessionToken),
    listPasskeys(actor),
    authQueryOne(z.object({ count: z.int() }), 'SELECT app.recovery_codes_left($1) AS count', [
      actor.sessionToken,
    ]),
    factorsToAskFor(actor),
  ])
  return { sessions, passkeys, recoveryCodesLeft: left.count, asks }
}
