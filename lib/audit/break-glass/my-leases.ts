import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** One's own lease, as audit.my_break_glass gives it. */
export type MyLeaseRow = {
  id: string
  kind: 'PATIENT' | 'SCOPE'
  patient_id: string
  reason_code: string
  state: string
  end_kind: string | null
  verdict: string | null
  activated_at: Date
  expires_at: Date
  ended_at: Date | null
  db_now: Date
}

/** What was asked or answered about a lease, still sealed. */
export type MyLeaseEntryRow = {
  id: string
  kind: string
  written_at: Date
  text_id: string
  text_sealed: string
}

/**
 * A person's own leases, newest first.
 * @param patientId those that are open for this patient now, and no others
 * @throws AuditUnavailable when the database does not answer
 */
export const myLeases = (actor: Actor, patientId: string | null = null): Promise<MyLeaseRow[]> =>
  ask<MyLeaseRow>('SELECT * FROM audit.my_break_glass($1, $2::uuid)', [actor.sessionToken, patientId])

/** Questions and answers about one of a person's own leases. @throws AuditUnavailable */
export const myLeaseEntries = (actor: Actor, leaseId: string): Promise<MyLeaseEntryRow[]> =>
  ask<MyLeaseEntryRow>('SELECT * FROM audit.my_break_glass_entries($1, $2)', [actor.sessionToken, leaseId])

async function ask<Row extends object>(text: string, values: unknown[]): Promise<Row[]> {
  try {
    return await appQuery(text, values)
  } catch (error) {
    throw new AuditUnavailable('emergency accesses could not be read', { cause: error })
  }
}
