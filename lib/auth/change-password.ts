import 'server-only'

import { z } from 'zod'
import type { Actor } from '#lib/policy/actor.ts'
import { authQuery, authQueryOne } from './auth-query.ts'
import { thisClient } from './client.ts'
import { myEmail } from './my-email.ts'
import { oneAtATime, turnOf } from './one-at-a-time.ts'
import { hashPassword, verifyPassword } from './password.ts'
import { passwordFault, type PasswordFault } from './password-rules.ts'
import { beginAttempt, failAttempt } from './throttle.ts'

export type PasswordChangeOutcome =
  | { kind: 'changed' }
  | { kind: 'wrong-current' }
  | { kind: 'refused'; fault: PasswordFault }
  | { kind: 'wait'; seconds: number }
  /** the second factor is more than five minutes old */
  | { kind: 'code-needed' }

/**
 * Sets a new password for the person of this session, who shows the present one again (ASVS 5.0 6.2.3). Wrong ones
 * count like failed sign-ins. All other sessions of the person end.
 */
export async function changePassword(
  actor: Actor,
  current: string,
  next: string,
): Promise<PasswordChangeOutcome> {
  const email = await myEmail(actor)
  const fault = passwordFault(next, [email, actor.displayName ?? ''])
  if (fault !== null) return { kind: 'refused', fault }
  const [account] = await authQuery(
    z.object({ email_tokens: z.array(z.instanceof(Buffer)) }),
    'SELECT email_tokens FROM app.sign_in_secrets($1)',
    [actor.accountId],
  )
  if (!account) return { kind: 'wrong-current' }
  const client = await thisClient()
  return oneAtATime(turnOf(account.email_tokens), async () => {
    const attempt = await beginAttempt(account.email_tokens, client)
    if (attempt.retryAfterSeconds > 0) return { kind: 'wait', seconds: attempt.retryAfterSeconds }
    const { hash } = await authQueryOne(
      z.object({ hash: z.string().nullable() }),
      'SELECT app.my_password_hash($1) AS hash',
      [actor.sessionToken],
    )
    if (!(await verifyPassword(hash, current))) {
      const seconds = await failAttempt(account.email_tokens, client, 'password')
      return seconds > 0 ? { kind: 'wait', seconds } : { kind: 'wrong-current' }
    }
    const row = await authQueryOne(
      z.object({ done: z.boolean() }),
      'SELECT app.password_change($1, $2) AS done',
      [actor.sessionToken, await hashPassword(next)],
    )
    return row.done ? { kind: 'changed' } : { kind: 'code-needed' }
  })
}
