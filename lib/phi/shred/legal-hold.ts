import 'server-only'

import type { QueryResultRow } from 'pg'
import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** A reason to keep a record: while one stands, it is not destroyed (45 CFR 164.316(b), a court's order, a claim). */
export type LegalHold = {
  readonly holdId: string
  readonly patientId: string
  readonly reason: string
  readonly placedAt: Date
  readonly placedBy: string | null
  readonly releasedAt: Date | null
  readonly releasedBy: string | null
  readonly releaseReason: string | null
}

type Who = Pick<Actor, 'sessionToken' | 'clientIp'> & { readonly role?: Actor['role'] }

/**
 * Places a hold on a patient's record.
 * @param who a compliance officer with a fresh code, or the operator's service session
 * @returns the hold, or why not: no such patient, destroyed already, no reason
 * @throws AuditUnavailable
 */
export async function placeLegalHold(
  who: Who,
  patientId: string,
  reason: string,
): Promise<{ holdId: string } | { refusal: string }> {
  const [row] = await call<{ hold_id: string | null; refusal: string | null }>(
    who,
    'SELECT hold_id, refusal FROM audit.hold_place($1, $2, $3, $4)',
    [who.sessionToken, patientId, reason, who.clientIp],
  )
  if (row?.hold_id) return { holdId: row.hold_id }
  return { refusal: row?.refusal ?? 'unknown' }
}

/**
 * Releases a hold; the row stays, with who, when and why.
 * @returns null, or why not
 * @throws AuditUnavailable
 */
export async function releaseLegalHold(who: Who, holdId: string, reason: string): Promise<string | null> {
  const [row] = await call<{ refusal: string | null }>(
    who,
    'SELECT audit.hold_release($1, $2, $3, $4) AS refusal',
    [who.sessionToken, holdId, reason, who.clientIp],
  )
  return row === undefined ? 'unknown' : row.refusal
}

/**
 * Holds, newest first: those that stand, or all.
 * @returns none for anybody but compliance officers and the operator
 * @throws AuditUnavailable
 */
export async function listLegalHolds(
  who: Who,
  { all = false }: { all?: boolean } = {},
): Promise<LegalHold[]> {
  const rows = await call<Row>(who, 'SELECT * FROM audit.hold_list($1, $2)', [who.sessionToken, all])
  return rows.map((row) => ({
    holdId: row.hold_id,
    patientId: row.patient_id,
    reason: row.reason,
    placedAt: row.placed_at,
    placedBy: row.placed_by,
    releasedAt: row.released_at,
    releasedBy: row.released_by,
    releaseReason: row.release_reason,
  }))
}

type Row = {
  hold_id: string
  patient_id: string
  reason: string
  placed_at: Date
  placed_by: string | null
  released_at: Date | null
  released_by: string | null
  release_reason: string | null
}

async function call<R extends QueryResultRow>(who: Who, text: string, values: unknown[]): Promise<R[]> {
  try {
    return await appQuery<R>(text, values, who.role === 'service' ? 'worker' : 'app')
  } catch (error) {
    throw new AuditUnavailable('the hold could not be recorded', { cause: error })
  }
}
