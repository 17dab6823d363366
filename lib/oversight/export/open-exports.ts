import 'server-only'

import { openTexts } from '#lib/accounts/sealed-text.ts'
import { listExports, type ExportRow } from '#lib/audit/export/list-exports.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { archivedMonths, criteriaInWords } from './criteria-words.ts'
import type { ExportView } from './view.ts'
import { exportFailure } from './words.ts'

const counted = 100_000

/** Exports of the last thirty days, newest first: the reader's own and those of the other officers. */
export async function openExports(actor: Actor): Promise<ExportView[]> {
  const rows = await listExports(actor)
  const reasons = await openTexts(rows.map((row) => ({ id: row.reason_id, sealed: row.reason_sealed })))
  return Promise.all(rows.map((row) => viewOf(row, reasons.get(row.reason_id) ?? '')))
}

const viewOf = async (row: ExportRow, reason: string): Promise<ExportView> => ({
  exportId: row.export_id,
  isOwn: row.is_own,
  requesterName: row.requester_name ?? 'A former officer',
  requestedAt: row.requested_at.toISOString(),
  format: row.format,
  criteria: await criteriaInWords(row.criteria),
  reason,
  rows: Math.min(row.rows_counted, counted),
  isMore: row.rows_counted > counted,
  isAtMost: archivedMonths(row.criteria).length > 0,
  state: row.state,
  deciderName: row.decider_name,
  rowsDone: Number(row.rows_done),
  bytes: row.file_bytes === null ? null : Number(row.file_bytes),
  sha256: row.sha256,
  expiresAt: row.expires_at?.toISOString() ?? null,
  downloads: row.downloads,
  failure: exportFailure(row.failure),
})
