import 'server-only'

import { randomUUID } from 'node:crypto'
import type { QueryResultRow } from 'pg'
import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'

export type LeaseRow = {
  id: string
  kind: 'PATIENT' | 'SCOPE'
  actor_id: string
  actor_name: string | null
  actor_title: string | null
  actor_role: string
  patient_id: string
  reason_code: string
  reason_text_id: string
  /** with one lease only */
  reason_sealed: string | null
  state: string
  end_kind: string | null
  verdict: string | null
  activated_at: Date
  expires_at: Date
  ended_at: Date | null
  review_due_at: Date
  closed_at: Date | null
  accesses: string
  incident_id: string | null
  is_first_signer: boolean
  db_now: Date
}
export type LeaseEntryRow = {
  id: string
  kind: string
  author_name: string | null
  written_at: Date
  text_id: string
  text_sealed: string
}
export type LeaseAccessRow = {
  log_id: string
  accessed_at: Date
  at_exact: string
  action_type: string
  view: string
  changed_fields: Record<string, string[]>
  outcome: string
}
export type IncidentRow = {
  id: string
  source: string
  source_id: string | null
  accused_name: string | null
  patient_id: string | null
  state: string
  outcome: string | null
  opened_by: string | null
  opened_at: Date
  assessed_at: Date | null
  notify_by: Date
  patient_told_at: Date | null
  closed_at: Date | null
  db_now: Date
}
export type IncidentEntryRow = {
  id: string
  kind: string
  author_name: string | null
  detail: Record<string, string>
  written_at: Date
  text_id: string | null
  text_sealed: string | null
}

const questions = {
  leases: 'SELECT * FROM audit.read_break_glass($1)',
  entries: 'SELECT * FROM audit.read_break_glass_entries($1)',
  accesses: 'SELECT * FROM audit.read_break_glass_rows($1)',
  incidents: 'SELECT * FROM audit.read_incidents($1)',
  incidentEntries: 'SELECT * FROM audit.read_incident_entries($1)',
} as const

/** Reads what one logged question allows; good for 15 seconds. */
export type OversightReader = <Row extends QueryResultRow>(question: keyof typeof questions) => Promise<Row[]>

/**
 * Reads emergency accesses or incidents as the trail is read: the asking is committed as a security event first, and the answers are
 * to what was committed. What concerns the reader's own doing is left out by the database.
 * @param criteria `{ id }` for one of them with its texts; `{ closed }` for those that are decided
 * @returns null when the database refuses the reader
 * @throws AuditUnavailable when the asking could not be written down, or the answer not read
 */
export async function askOversight<T>(
  actor: Actor,
  event: 'BREAK_GLASS_READ' | 'INCIDENT_READ',
  criteria: { id?: string; closed?: boolean },
  answer: (read: OversightReader) => Promise<T>,
): Promise<T | null> {
  const request = randomUUID()
  try {
    const [admission] = await appQuery<{ refused: string | null }>(
      'SELECT audit.admit_oversight($1, $2, $3, $4, $5) AS refused',
      [actor.sessionToken, request, event, JSON.stringify(criteria), actor.clientIp],
    )
    if (!admission || admission.refused !== null) return null
    return await answer((question) => appQuery(questions[question], [request]))
  } catch (error) {
    throw new AuditUnavailable('this could not be read', { cause: error })
  }
}
