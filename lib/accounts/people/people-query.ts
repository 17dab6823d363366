import 'server-only'

import type { QueryResultRow } from 'pg'
import { appQuery } from '#lib/db/app-database.ts'
import type { Actor } from '#lib/policy/actor.ts'

/**
 * Calls one of the functions that administer people, with the actor's session as $1. An administrator comes by the web
 * process's login; the operator on the server has a service session, which works on the worker's login alone.
 * @throws pg's errors as they are: callers must not show their texts
 */
export function peopleQuery<Row extends QueryResultRow>(
  actor: Actor,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  return appQuery<Row>(text, [actor.sessionToken, ...values], actor.role === 'service' ? 'worker' : 'app')
}
