import 'server-only'

import { randomUUID } from 'node:crypto'
import type { QueryResultRow } from 'pg'
import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'

type WatchReading = 'CASES_LISTED' | 'CASE_OPENED' | 'WATCH_MARKS_LISTED' | 'OWN_RECORDS_REPORTED'
type Reader =
  | 'read_cases'
  | 'read_case'
  | 'read_case_accesses'
  | 'read_case_decisions'
  | 'read_watch_marks'
  | 'read_own_records'

/**
 * Reads what the watching found, the way the trail is read: what is asked is committed as a security event first, and the
 * answers are to the criteria that were committed.
 * @param readers functions of schema audit; their answers come in the same order
 * @returns null when the database refuses the reader
 * @throws AuditUnavailable when the asking could not be written down
 */
export async function readWatching(
  actor: Actor,
  event: WatchReading,
  criteria: Record<string, unknown>,
  readers: readonly Reader[],
): Promise<QueryResultRow[][] | null> {
  const request = randomUUID()
  try {
    const [admission] = await appQuery<{ refused: string | null }>('SELECT audit.admit_watch($1, $2, $3, $4, $5) AS refused', [
      actor.sessionToken, request, event, JSON.stringify(criteria), actor.clientIp,
    ]) // prettier-ignore
    if (!admission || admission.refused !== null) return null
    return await Promise.all(
      readers.map((reader) => appQuery(`SELECT * FROM audit.${reader}($1)`, [request])),
    )
  } catch (error) {
    throw new AuditUnavailable('what the watching found could not be read', { cause: error })
  }
}

/** How many cases wait for this officer, up to 100; 0 for anybody else. */
export async function countOpenCases(actor: Actor): Promise<number> {
  const [row] = await appQuery<{ open: number }>('SELECT audit.open_cases($1) AS open', [actor.sessionToken])
  return row?.open ?? 0
}

/** Calls one of the functions that change something; they answer with the refusal, or null. */
export async function changeWatching(
  call: 'case_decide' | 'watch_mark_set' | 'watch_mark_end',
  values: readonly unknown[],
): Promise<string | null> {
  const places = values.map((_, index) => `$${index + 1}`).join(', ')
  try {
    const [row] = await appQuery<{ refusal: string | null }>(
      `SELECT audit.${call}(${places}) AS refusal`,
      values,
    )
    return row ? row.refusal : 'no-answer'
  } catch (error) {
    throw new AuditUnavailable('the change could not be written down', { cause: error })
  }
}
