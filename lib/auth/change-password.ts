import 'server-only'

import { z } from 'zod'
import type { Actor } from '#lib/policy/actor.ts'
import { authQueryOne } from './auth-query.ts'
import { confirmPassword } from './confirm-password.ts'
import { myEmail } from './my-email.ts'
import { hashPassword } from './password.ts'
import { passwordFault, type PasswordFault } from './password-rules.ts'

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
  const shown = await confirmPassword(actor, current)
  if (shown.kind === 'wait') return shown
  if (shown.kind === 'wrong') return { kind: 'wrong-current' }
  const row = await authQueryOne(
    z.object({ done: z.boolean() }),
    'SELECT app.password_change($1, $2) AS done',
    [actor.sessionToken, await hashPassword(next)],
  )
  return row.done ? { kind: 'changed' } : { kind: 'code-needed' }
}
