import 'server-only'

import { z } from 'zod'
import type { Actor } from '#lib/policy/actor.ts'
import { authQuery, authQueryOne } from './auth-query.ts'
import { thisClient } from './client.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { verifyPassword } from './password.ts'
import { passwordLengthMax } from './password-rules.ts'
import { beginAttempt, failAttempt, turnFor } from './throttle.ts'

export type PasswordConfirmed = { kind: 'right' | 'wrong' } | { kind: 'wait'; seconds: number }

/**
 * Asks the person of a session for their password again: with a fresh second factor it makes a whole re-authentication, for what would
 * let somebody take an account over (ASVS 5.0 7.5.1). Wrong ones count like failed sign-ins; a right one is noted on the session, for
 * the database to ask for (`app.is_fully_proved`).
 */
export async function confirmPassword(actor: Actor, password: string): Promise<PasswordConfirmed> {
  const [account] = await authQuery(
    z.object({ email_tokens: z.array(z.instanceof(Buffer)) }),
    'SELECT email_tokens FROM app.sign_in_secrets($1)',
    [actor.accountId],
  )
  if (!account) return { kind: 'wrong' }
  const client = await thisClient()
  return oneAtATime(await turnFor(account.email_tokens, client), async () => {
    const attempt = await beginAttempt(account.email_tokens, client)
    if (attempt.retryAfterSeconds > 0) return { kind: 'wait', seconds: attempt.retryAfterSeconds }
    const { hash } = await authQueryOne(
      z.object({ hash: z.string().nullable() }),
      'SELECT app.my_password_hash($1) AS hash',
      [actor.sessionToken],
    )
    const isShort = [...password].length <= passwordLengthMax
    if ((await verifyPassword(hash, isShort ? password : '')) && isShort) {
      await authQueryOne(z.object({}), 'SELECT app.password_shown($1)', [actor.sessionToken])
      return { kind: 'right' }
    }
    const seconds = await failAttempt(account.email_tokens, client, 'password')
    return seconds > 0 ? { kind: 'wait', seconds } : { kind: 'wrong' }
  })
}

/** Whether the person of a session has a password here; somebody who comes in through the identity provider may have none. */
export async function hasOwnPassword(actor: Actor): Promise<boolean> {
  const row = await authQueryOne(
    z.object({ has: z.boolean() }),
    'SELECT app.my_password_hash($1) IS NOT NULL AS has',
    [actor.sessionToken],
  )
  return row.has
}
