import 'server-only'

import type { Actor } from '#lib/policy/actor.ts'
import { peopleQuery } from './people-query.ts'

/** A change was refused, and written down, because the administrator's second factor is older than five minutes. */
class SecondFactorTooOld extends Error {
  override readonly name = 'SecondFactorTooOld'
  /** as the database says it of a right that is missing */
  readonly code = '42501'
}

/**
 * Calls one of the functions that ask for a fresh second factor, with the actor's session as $1, and answers with what it says. They
 * say null where the factor is too old: a function that raised an error could not write its entry in the log.
 * @throws SecondFactorTooOld; pg's errors as they are: callers must not show their texts
 */
export async function provenQuery<Said>(
  actor: Actor,
  call: string,
  values: readonly unknown[] = [],
): Promise<Said> {
  const [row] = await peopleQuery<{ said: Said | null }>(actor, `SELECT ${call} AS said`, values)
  if (row?.said == null) throw new SecondFactorTooOld()
  return row.said
}
