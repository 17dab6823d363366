import 'server-only'

import type { QueryResultRow } from 'pg'
import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** How far a destruction is; `expired` and `cancelled` ones change nothing. */
export type ShredState =
  | 'requested'
  | 'confirmed'
  | 'started'
  | 'keys-destroyed'
  | 'tokens-removed'
  | 'done'
  | 'cancelled'
  | 'expired'

/** Why a step was refused, in the database's words; lib/ops says them to people. */
export type ShredRefusal = string

/** One request to destroy a record, as those see it who may take part in one. */
export type ShredRequest = {
  readonly requestId: string
  readonly patientId: string
  readonly reason: string
  readonly state: ShredState
  readonly requestedAt: Date
  readonly requestedBy: string | null
  readonly expiresAt: Date
  readonly confirmedAt: Date | null
  readonly confirmedBy: string | null
  readonly doneAt: Date | null
  /** a legal hold stands on the record now */
  readonly isHeld: boolean
}

type Who = Pick<Actor, 'sessionToken' | 'clientIp'> & { readonly role?: Actor['role'] }

/**
 * Asks that a patient's record be destroyed. It takes a second person, within 24 hours.
 * @param who an administrator or compliance officer whose one-time code is no older than five minutes
 * @returns the request, or why not: also that is written down
 * @throws AuditUnavailable
 */
export async function askForShredding(
  who: Who,
  patientId: string,
  reason: string,
): Promise<{ requestId: string } | { refusal: ShredRefusal }> {
  const [row] = await call<{ request_id: string | null; refusal: string | null }>(
    'SELECT request_id, refusal FROM audit.shred_ask($1, $2, $3, $4)',
    [who.sessionToken, patientId, reason, who.clientIp],
  )
  if (row?.request_id) return { requestId: row.request_id }
  return { refusal: row?.refusal ?? 'unknown' }
}

/**
 * Confirms another person's request. Nothing is destroyed by this; it is meant from here on, see carryOutShredding.
 * @returns null, or why not
 * @throws AuditUnavailable
 */
export async function confirmShredding(who: Who, requestId: string): Promise<ShredRefusal | null> {
  const [row] = await call<{ refusal: string | null }>('SELECT audit.shred_confirm($1, $2, $3) AS refusal', [
    who.sessionToken,
    requestId,
    who.clientIp,
  ])
  return row === undefined ? 'unknown' : row.refusal
}

/**
 * Takes a request back, as long as its destruction has not begun.
 * @returns null, or why not
 * @throws AuditUnavailable
 */
export async function cancelShredding(who: Who, requestId: string): Promise<ShredRefusal | null> {
  const [row] = await call<{ refusal: string | null }>('SELECT audit.shred_cancel($1, $2, $3) AS refusal', [
    who.sessionToken,
    requestId,
    who.clientIp,
  ])
  return row === undefined ? 'unknown' : row.refusal
}

/**
 * Requests, newest first: the open ones, or all.
 * @returns none for anybody but administrators, compliance officers and jobs
 * @throws AuditUnavailable
 */
export async function listShredRequests(
  who: Who,
  { all = false }: { all?: boolean } = {},
): Promise<ShredRequest[]> {
  const rows = await call<Row>('SELECT * FROM audit.shred_list($1, $2)', [who.sessionToken, !all], who)
  return rows.map((row) => ({
    requestId: row.request_id,
    patientId: row.patient_id,
    reason: row.reason,
    state: row.state,
    requestedAt: row.requested_at,
    requestedBy: row.requested_by,
    expiresAt: row.expires_at,
    confirmedAt: row.confirmed_at,
    confirmedBy: row.confirmed_by,
    doneAt: row.done_at,
    isHeld: row.is_held,
  }))
}

type Row = {
  request_id: string
  patient_id: string
  reason: string
  state: ShredState
  requested_at: Date
  requested_by: string | null
  expires_at: Date
  confirmed_at: Date | null
  confirmed_by: string | null
  done_at: Date | null
  is_held: boolean
}

async function call<R extends QueryResultRow>(
  text: string,
  values: readonly unknown[],
  who?: Who,
): Promise<R[]> {
  try {
    return await appQuery<R>(text, values, who?.role === 'service' ? 'worker' : 'app')
  } catch (error) {
    throw new AuditUnavailable('the step could not be recorded', { cause: error })
  }
}
