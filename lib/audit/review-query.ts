import 'server-only'

import type { QueryResultRow } from 'pg'
import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'

/**
 * Calls one of the functions of access reviews, with the actor's session as $1.
 * @throws AuditUnavailable when it could not be written down
 */
export async function reviewQuery<Row extends QueryResultRow>(
  actor: Actor,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  try {
    return await appQuery<Row>(text, [actor.sessionToken, ...values])
  } catch (cause) {
    throw new AuditUnavailable('the access review could not be recorded', { cause })
  }
}
