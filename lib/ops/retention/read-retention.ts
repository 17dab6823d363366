import 'server-only'
import type { Actor } from '#lib/policy/actor.ts'
import { retentionQuery } from './retention-query.ts'

/** A month of the trail, in the logs or in a file. */
export type RetainedMonth = {
  /** such as 2014-03 */
  readonly month: string
  readonly state: 'attached' | 'detached' | 'dropped' | 'restoring'
  /** of an archive */
  readonly entries: number | null
  /** why a month in the logs may not leave; null when it may */
  readonly obstacle: string | null
  readonly fileName: string | null
  readonly fileSha256: string | null
  readonly archiveId: string | null
  readonly incarnation: number | null
}

/** Something that two persons have to agree on. */
export type RetentionRequest = {
  readonly requestId: string
  /** `10 years`, or a month such as 2014-03 */
  readonly what: string
  /** the first day of the month to archive */
  readonly month: string | null
  readonly state: 'requested' | 'confirmed'
  readonly requestedBy: string
}

export type Retention = {
  readonly years: number
  readonly monthsAhead: number
  /** ISO instant from which on the logs have no place */
  readonly endsAt: string
  readonly months: readonly RetainedMonth[]
  readonly requests: readonly RetentionRequest[]
}

type MonthRow = {
  month: string
  state: RetainedMonth['state']
  entries: string | null
  obstacle: string | null
  file_name: string | null
  file_sha256: string | null
  archive_id: string | null
  incarnation: number | null
}
type RequestRow = {
  request_id: string
  years: number | null
  month: string | null
  state: RetentionRequest['state']
  requested_by: string | null
}

/** How long the trail is kept, and what stands where, for the operator on the server. */
export async function readRetention(operator: Actor): Promise<Retention> {
  const [standing] = await retentionQuery<{ years: number; months_ahead: number; ends_at: Date }>(
    operator,
    'SELECT audit.retention_years() AS years, p.months_ahead, p.ends_at FROM audit.partition_standing() p WHERE $1::text IS NOT NULL',
  )
  const months = await retentionQuery<MonthRow>(
    operator,
    `SELECT to_char(s.month, 'YYYY-MM') AS month, s.state, (s.patient_rows + s.security_rows)::text AS entries, s.obstacle, s.file_name, s.file_sha256,
       s.archive_id, s.incarnation FROM audit.retention_status($1) s`,
  )
  const requests = await retentionQuery<RequestRow>(
    operator,
    `SELECT r.request_id, r.years, to_char(r.month, 'YYYY-MM-DD') AS month, r.state, r.requested_by FROM audit.retention_requests($1) r`,
  )
  return {
    years: standing?.years ?? 0,
    monthsAhead: standing?.months_ahead ?? -1,
    endsAt: standing?.ends_at.toISOString() ?? '',
    months: months.map((row) => ({
      month: row.month,
      state: row.state,
      entries: row.entries === null ? null : Number(row.entries),
      obstacle: row.obstacle,
      fileName: row.file_name,
      fileSha256: row.file_sha256,
      archiveId: row.archive_id,
      incarnation: row.incarnation,
    })),
    requests: requests.map((row) => ({
      requestId: row.request_id,
      what: row.years === null ? (row.month?.slice(0, 7) ?? '') : `${row.years} years`,
      month: row.month,
      state: row.state,
      requestedBy: row.requested_by ?? 'somebody',
    })),
  }
}
