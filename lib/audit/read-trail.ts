import 'server-only'

import { randomUUID } from 'node:crypto'
import type { QueryResultRow } from 'pg'
import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** A row as audit.read_trail gives it. */
export type TrailRow = {
  log_id: string
  seq: string
  at_exact: string
  accessed_at: Date
  actor_name: string | null
  actor_title: string | null
  actor_role: string | null
  patient_id: string
  action_type: string
  view: string
  changed_fields: Record<string, string[]>
  purpose: string | null
  outcome: 'ALLOWED' | 'EFFECT' | 'DENIED'
  reason: string | null
  relation: string | null
  client_ip: string | null
} & QueryResultRow

/**
 * Reads the trail the way everything here is read: what is asked is committed as a security event first, and the
 * answer is to the criteria that were committed.
 * @returns null when the database refuses the reader
 * @throws AuditUnavailable when the asking could not be written down
 */
export async function readTrail<Row extends TrailRow>(
  actor: Actor,
  event: 'AUDIT_SEARCH' | 'AUDIT_EVENT_OPENED',
  criteria: Record<string, unknown>,
): Promise<Row[] | null> {
  const request = randomUUID()
  try {
    const [admission] = await appQuery<{ refused: string | null }>('SELECT audit.admit_trail($1, $2, $3, $4, $5) AS refused', [
      actor.sessionToken, request, event, JSON.stringify(criteria), actor.clientIp,
    ]) // prettier-ignore
    if (!admission || admission.refused !== null) return null
    const reader = event === 'AUDIT_SEARCH' ? 'read_trail' : 'read_trail_event'
    return await appQuery<Row>(`SELECT *, accessed_at::text AS at_exact FROM audit.${reader}($1)`, [request])
  } catch (error) {
    throw new AuditUnavailable('the trail could not be read', { cause: error })
  }
}

/** Staff and jobs that can stand in the trail; none for anybody but a compliance officer. */
export async function readTrailActors(
  actor: Actor,
): Promise<{ account_id: string; display_name: string | null; role: string }[]> {
  return appQuery('SELECT * FROM audit.trail_actors($1)', [actor.sessionToken])
}
