import 'server-only'

import { emailTokens } from '#lib/auth/account-secrets.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { peopleQuery } from './people-query.ts'

/**
 * The account of the member of staff with an e-mail address, for the operator's commands; null for anybody else,
 * patients included.
 * @throws RecordUnavailable, KeysUnavailable
 */
export async function findPerson(actor: Actor, email: string): Promise<string | null> {
  const tokens = await emailTokens(email)
  try {
    const [row] = await peopleQuery<{ id: string | null }>(actor, 'SELECT app.staff_find($1, $2) AS id', [
      tokens,
    ])
    return row?.id ?? null
  } catch (cause) {
    throw new RecordUnavailable('the list of people could not be read', { cause })
  }
}
