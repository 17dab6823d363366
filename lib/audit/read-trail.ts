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
  actor_user_id: string | null
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
  break_glass_id: string | null
  /** null: nobody has looked for an explanation of it yet */
  is_explained: boolean | null
} & QueryResultRow

/** A row of a page, with what the page is sorted by. */
export type TrailPageRow = TrailRow & { sort_key: string | null }

/** One entry, whole, or one that belongs to it. */
export type TrailEventRow = TrailRow & {
  is_subject: boolean
  db_role: string | null
  db_user: string
  tx_id: string
  session_id: string | null
  request_id: string
  resource_type: string | null
  resource_id: string | null
  on_behalf_of: string | null
  explanation: string[] | null
}

/** Entries and refused attempts in one interval, which is told as the clock of the asked zone showed its begin. */
export type ActivityRow = {
  unit: 'hour' | 'day' | 'month'
  starts_at: string
  entries: string
  refused: string
}

/** What the seal says of an entry. */
export type EntrySealRow = {
  leaf_index: string
  leaf_hash: string
  sealed_at: Date
  tree_size: string
  verified_size: string | null
  verified_at: Date | null
  verified_ok: boolean | null
}

/** Reads what one logged question allows; good for 15 seconds. */
export type TrailReader = {
  page: () => Promise<TrailPageRow[]>
  /** up to 10,001 */
  count: () => Promise<number>
  activity: () => Promise<ActivityRow[]>
  clinicActivity: () => Promise<ActivityRow[]>
  event: () => Promise<TrailEventRow[]>
  seal: () => Promise<EntrySealRow | null>
}

/**
 * Reads the trail the way everything here is read: what is asked is committed as a security event first, and the
 * answers are to the criteria that were committed.
 * @returns null when the database refuses the reader
 * @throws AuditUnavailable when the asking could not be written down, or the trail not read
 */
export async function askTrail<T>(
  actor: Pick<Actor, 'sessionToken' | 'clientIp'>,
  event: 'AUDIT_SEARCH' | 'AUDIT_EVENT_OPENED',
  criteria: Record<string, unknown>,
  answer: (read: TrailReader) => Promise<T>,
): Promise<T | null> {
  const request = randomUUID()
  try {
    const [admission] = await appQuery<{ refused: string | null }>('SELECT audit.admit_trail($1, $2, $3, $4, $5) AS refused', [
      actor.sessionToken, request, event, JSON.stringify(criteria), actor.clientIp,
    ]) // prettier-ignore
    if (!admission || admission.refused !== null) return null
    return await answer(readerOf(request))
  } catch (error) {
    throw new AuditUnavailable('the trail could not be read', { cause: error })
  }
}

function readerOf(request: string): TrailReader {
  const rows = <Row extends QueryResultRow>(text: string): Promise<Row[]> => appQuery<Row>(text, [request])
  return {
    page: () => rows('SELECT *, accessed_at::text AS at_exact FROM audit.read_trail($1)'),
    count: async () =>
      (await rows<{ count: number }>('SELECT audit.count_trail($1) AS count'))[0]?.count ?? 0,
    activity: () => rows('SELECT * FROM audit.trail_activity($1)'),
    clinicActivity: () => rows('SELECT * FROM audit.clinic_activity($1)'),
    event: () => rows('SELECT *, accessed_at::text AS at_exact FROM audit.read_trail_event($1)'),
    seal: async () => (await rows<EntrySealRow>('SELECT * FROM audit.read_trail_seal($1)'))[0] ?? null,
  }
}

/** Staff and jobs that can stand in the trail; none for anybody but a compliance officer. */
export async function readTrailActors(
  actor: Pick<Actor, 'sessionToken'>,
): Promise<{ account_id: string; display_name: string | null; role: string }[]> {
  return appQuery('SELECT * FROM audit.trail_actors($1)', [actor.sessionToken])
}
