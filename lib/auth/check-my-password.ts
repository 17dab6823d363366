import 'server-only'

import { z } from 'zod'
import type { Actor } from '#lib/policy/actor.ts'
import { authQuery, authQueryOne } from './auth-query.ts'
import { thisClient } from './client.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { verifyPassword } from './password.ts'
import { beginAttempt, failAttempt, turnFor } from './throttle.ts'

export type MyPassword = { kind: 'right' | 'wrong' } | { kind: 'wait'; seconds: number }

/** Whether this is the password of the session's owner. Wrong ones count like failed sign-ins. */
export async function checkMyPassword(actor: Actor, password: string): Promise<MyPassword> {
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
    if (await verifyPassword(hash, password)) return { kind: 'right' }
    const seconds = await failAttempt(account.email_tokens, client, 'password')
    return seconds > 0 ? { kind: 'wait', seconds } : { kind: 'wrong' }
  })
}
