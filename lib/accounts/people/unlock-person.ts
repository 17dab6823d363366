import 'server-only'

import { emailTokens } from '#lib/auth/account-secrets.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { peopleQuery } from './people-query.ts'
import { provenQuery } from './proven-query.ts'

/**
 * Lets a member of staff try again whom failed sign-ins shut out. False when nobody is shut out, and for the
 * administrator's own account. (NIST SP 800-63B-4 §3.2.2 leaves an account shut after 100 failures.)
 */
export function unlockPerson(actor: Actor, accountId: string): Promise<boolean> {
  return provenQuery<boolean>(actor, 'app.account_unlock($1, $2)', [accountId])
}

/**
 * The same by e-mail address, for the operator on the server alone: patients and proxies too, whom no administrator sees.
 * @throws RecordUnavailable, KeysUnavailable
 */
export async function unlockByEmail(operator: Actor, email: string): Promise<boolean> {
  const tokens = await emailTokens(email)
  try {
    const [row] = await peopleQuery<{ done: boolean }>(
      operator,
      'SELECT app.account_unlock_by_email($1, $2) AS done',
      [tokens],
    )
    return row?.done ?? false
  } catch (cause) {
    throw new RecordUnavailable('the account could not be unlocked', { cause })
  }
}
