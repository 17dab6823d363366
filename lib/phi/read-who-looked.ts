import 'server-only'

import { statementName } from '#lib/db/statement-name.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import { currentUnit } from './unit.ts'
import { RefusedQuery } from './record-error.ts'

/** A row of the trail as the patient may see it: who, what, why and whether it was let through. */
export type WhoLookedRow = {
  log_id: string
  seq: string
  accessed_at: Date
  /** the instant to the microsecond, for a cursor */
  at_exact: string
  actor_user_id: string | null
  actor_name: string | null
  actor_title: string | null
  actor_role: string | null
  action_type: string
  view: string | null
  changed_fields: unknown
  purpose: string | null
  outcome: 'ALLOWED' | 'DENIED'
  relation: string | null
  /** true for what the reader did */
  is_own: boolean
  /** true for what was done under emergency access */
  is_emergency: boolean
}

/** Which rows: newest first, from an instant on and before another, after a place that was given before. */
export type WhoLookedQuestion = {
  from: Date
  to: Date
  /** 1 to 500 */
  limit: number
  before: { at: string; seq: string } | null
  /** one entry alone */
  logId?: string
}

const text = `SELECT *, accessed_at::text AS at_exact
  FROM audit.who_looked($1::timestamptz, $2::timestamptz, $3::integer, $4::timestamptz, $5::bigint, $6::uuid)`

/**
 * Reads who opened the record of this unit's patients. The one statement of a unit that Prisma does not write: the
 * database answers only to a unit that was admitted to view `my-access-log`, and only about its own patients.
 * @throws RefusedQuery in a unit that was admitted to anything else
 * @throws RecordUnavailable when the database does not answer
 */
export async function readWhoLooked({
  from,
  to,
  limit,
  before,
  logId,
}: WhoLookedQuestion): Promise<WhoLookedRow[]> {
  const unit = currentUnit()
  if (unit.admitted.view !== 'my-access-log')
    throw new RefusedQuery('PatientPhiAuditLog', 'only the view my-access-log reads the trail')
  return unit.run(async () => {
    try {
      const values = [from, to, limit, before?.at ?? null, before?.seq ?? null, logId ?? null]
      const result = await unit.connection.query<WhoLookedRow>({ name: statementName(text), text, values })
      return result.rows
    } catch (error) {
      throw new RecordUnavailable('the trail of a record could not be read', { cause: error })
    }
  })
}
