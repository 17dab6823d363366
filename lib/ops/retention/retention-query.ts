import 'server-only'
import type { QueryResultRow } from 'pg'

import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'

type Who = Pick<Actor, 'sessionToken'> & { readonly role?: Actor['role'] }

/**
 * Calls one of the functions of retention, with the session as $1: a person's on the web's login, the operator's on the worker's.
 * @throws AuditUnavailable when it could not be written down
 */
export async function retentionQuery<Row extends QueryResultRow>(
  who: Who,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  try {
    return await appQuery<Row>(text, [who.sessionToken, ...values], who.role === 'service' ? 'worker' : 'app')
  } catch (cause) {
    throw new AuditUnavailable('the retention of the trail could not be recorded', { cause })
  }
}
