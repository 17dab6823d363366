import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { ExportFormat } from './ask-export.ts'

export const exportStates = [
  'WAITING',
  'QUEUED',
  'RUNNING',
  'READY',
  'EXPIRED',
  'CANCELLED',
  'REJECTED',
  'LAPSED',
  'FAILED',
] as const
export type ExportState = (typeof exportStates)[number]

/** A row as audit.export_list gives it. */
export type ExportRow = {
  export_id: string
  is_own: boolean
  requester_name: string | null
  requested_at: Date
  format: ExportFormat
  criteria: Record<string, unknown>
  reason_id: string
  reason_sealed: string
  rows_counted: number
  needs_second: boolean
  state: ExportState
  decider_name: string | null
  decided_at: Date | null
  rows_done: string
  file_bytes: string | null
  sha256: string | null
  expires_at: Date | null
  downloads: number
  ended_at: Date | null
  failure: string | null
}

/** Exports of the last thirty days, newest first; none for anybody but a compliance officer. */
export const listExports = (actor: Pick<Actor, 'sessionToken'>): Promise<ExportRow[]> =>
  appQuery('SELECT * FROM audit.export_list($1)', [actor.sessionToken])
