import 'server-only'

import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server'
import { cookies } from 'next/headers'
import { z } from 'zod'
import { authQuery, authQueryOne } from './auth-query.ts'
import { checkOneTimeCode } from './check-second-factor.ts'
import { thisClient } from './client.ts'
import { countUnlockFailure, readLockedSession } from './lock-session.ts'
import { beginPasskeyOf } from './passkey/begin-passkey.ts'
import { checkPasskey } from './passkey/check-passkey.ts'
import { cookieOptions, sessionCookie } from './session-cookie.ts'
import { newSessionToken, sessionTokenHash } from './session-token.ts'

export type Unlocked =
  | { kind: 'unlocked' }
  /** not locked any more: unlocked in another tab, or over */
  | { kind: 'gone' }
  | { kind: 'wrong'; triesLeft: number }
  | { kind: 'used' | 'start-again' }
  | { kind: 'wait'; seconds: number }

/**
 * Opens this browser's locked session again by its own person's second factor. Somebody else's code or passkey never does: it is
 * checked against the session's account alone. The token is exchanged; the fifth wrong try ends the session. For server actions.
 * @param given a one-time code, or a passkey's answer as JSON
 */
export async function unlockSession(given: { code: string } | { answer: string }): Promise<Unlocked> {
  const session = await readLockedSession()
  if (session === null) return { kind: 'gone' }
  const client = await thisClient()
  const method = 'code' in given ? 'totp' : 'passkey'
  const outcome =
    'code' in given
      ? await checkOneTimeCode(session.accountId, given.code, client)
      : await checkPasskey('step-up', given.answer, client, session.accountId)
  if (outcome.kind === 'wait' || outcome.kind === 'start-again') return outcome
  // The right code a second time: somebody who has only just signed in with it. It opens nothing, and is no guess either.
  if (outcome.kind === 'used') return { kind: 'used' }
  if (outcome.kind !== 'accepted')
    return { kind: 'wrong', triesLeft: await countUnlockFailure(session.token) }
  const token = newSessionToken()
  const row = await authQueryOne(
    z.object({ done: z.boolean() }),
    'SELECT app.session_unlock($1, $2, $3) AS done',
    [session.token, method, sessionTokenHash(token)],
  )
  if (!row.done) return { kind: 'gone' }
  ;(await cookies()).set(sessionCookie, token, cookieOptions)
  return { kind: 'unlocked' }
}

/** What one of the locked session's owner's devices is to sign; null when they have no passkey. For server actions. */
export async function beginPasskeyUnlock(): Promise<PublicKeyCredentialRequestOptionsJSON | null> {
  const session = await readLockedSession()
  if (session === null || !session.opensWith.passkey) return null
  const keys = await authQuery(passkey, 'SELECT * FROM app.session_locked_passkeys($1)', [session.token])
  return beginPasskeyOf(
    session.accountId,
    keys.map((key) => ({ id: key.credential_id.toString('base64url'), transports: key.transports })),
  )
}

const passkey = z.object({ credential_id: z.instanceof(Buffer), transports: z.array(z.string()) })
