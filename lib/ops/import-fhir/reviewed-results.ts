import 'server-only'
import type { ObservationRow } from '#lib/fhir/rows.ts'
import type { RowChange } from './compare-rows.ts'

/** Results issued before an instant were reviewed by somebody in the system that they come from. */
export type Reviewed = { before: Date; by: string }

const dayMilliseconds = 86_400_000
/** What is older than this was dealt with where it was made; it shall not crowd out what is new. */
const attentionDays = 30

/** Marks a new result as reviewed, on the day after it was issued, when the source says that such results are. */
export function withReview(change: RowChange, reviewed: Reviewed | null): RowChange {
  if (!reviewed || change.model !== 'observation' || change.kind !== 'create') return change
  const row = change.data as unknown as ObservationRow
  const issuedAt = row.issuedAt ?? row.effectiveAt
  if (row.kind !== 'laboratory' || !issuedAt || issuedAt >= reviewed.before) return change
  const reviewedAt = new Date(Math.min(issuedAt.getTime() + dayMilliseconds, reviewed.before.getTime()))
  return { ...change, data: { ...change.data, reviewedAt, reviewedBy: reviewed.by } }
}

/** When the newest result of these was issued that nobody has reviewed; null when there is none of late. */
export function newestUnreviewed(changes: readonly RowChange[], at: Date): Date | null {
  let newest: Date | null = null
  for (const { model, data } of changes) {
    if (model !== 'observation' || data['kind'] !== 'laboratory' || data['reviewedAt']) continue
    const issuedAt = (data['issuedAt'] ?? data['effectiveAt']) as Date | null
    if (!issuedAt || issuedAt.getTime() < at.getTime() - attentionDays * dayMilliseconds) continue
    if (newest === null || issuedAt > newest) newest = issuedAt
  }
  return newest
}
