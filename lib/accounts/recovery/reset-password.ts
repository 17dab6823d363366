import 'server-only'

import { z } from 'zod'
import { openAccountSecret } from '#lib/auth/account-secrets.ts'
import { authQuery, authQueryOne } from '#lib/auth/auth-query.ts'
import type { Client } from '#lib/auth/client.ts'
import { dropMailLink, readMailLink, spendMailLink } from '#lib/auth/mail-link.ts'
import { hashPassword } from '#lib/auth/password.ts'
import { passwordFault, type PasswordFault } from '#lib/auth/password-rules.ts'

export type PasswordReset = { kind: 'set' } | { kind: 'gone' } | { kind: 'refused'; fault: PasswordFault }

/**
 * Sets a new password with this browser's link, whose second factor was shown in the last ten minutes. Every session of the account
 * ends, no factor is touched, and nobody is signed in.
 */
export async function resetPassword(password: string, client: Client): Promise<PasswordReset> {
  const hash = await readMailLink('recovery')
  if (hash === null) return { kind: 'gone' }
  const [account] = await authQuery(
    z.object({ account_id: z.uuid(), email_sealed: z.string() }),
    'SELECT account_id, email_sealed FROM app.recovery_open($1)',
    [hash],
  )
  if (!account) return { kind: 'gone' }
  const email = await openAccountSecret('email', account.account_id, account.email_sealed)
  const fault = passwordFault(password, [email])
  if (fault !== null) return { kind: 'refused', fault }
  const row = await authQueryOne(z.object({ done: z.boolean() }), 'SELECT app.recovery_finish($1, $2, $3) AS done', [
    hash,
    await hashPassword(password),
    client.ip,
  ]) // prettier-ignore
  await (row.done ? spendMailLink('recovery') : dropMailLink())
  return { kind: row.done ? 'set' : 'gone' }
}
