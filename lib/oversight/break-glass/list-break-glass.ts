import 'server-only'

import { askOversight, type LeaseRow } from '#lib/audit/break-glass/ask-oversight.ts'
import { patientReferences } from '#lib/phi/patient-reference.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { roleNames, type Role } from '#lib/policy/roles.ts'
import type { LeaseView } from './view.ts'
import { reasonInWords, stateInWords } from './words.ts'

/**
 * Emergency accesses: those that wait, the one that is due first on top, or those that are decided. The reading is on record, and
 * nobody sees their own.
 * @throws AuditUnavailable
 */
export async function listBreakGlass(actor: Actor, closed: boolean): Promise<LeaseView[]> {
  const rows = await askOversight(actor, 'BREAK_GLASS_READ', { closed }, (read) => read<LeaseRow>('leases'))
  return leaseViews(rows ?? [])
}

/** Rows as the pages show them. */
export async function leaseViews(rows: readonly LeaseRow[]): Promise<LeaseView[]> {
  const references = await patientReferences(rows.map(({ patient_id: id }) => id))
  return rows.map((row) => ({
    id: row.id,
    actorName: row.actor_name ?? 'Unknown account',
    actorTitle: row.actor_title ?? roleNames[row.actor_role as Role] ?? row.actor_role,
    patientReference: references.get(row.patient_id) ?? '',
    kind: row.kind === 'PATIENT' ? 'Record of another team' : 'Confidential notes',
    reason: reasonInWords(row.reason_code),
    ...stateInWords(row.state, row.verdict),
    openedAt: row.activated_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    how: endNames[row.end_kind ?? ''] ?? 'Still open',
    dueAt: row.review_due_at.toISOString(),
    isOverdue: row.state !== 'CLOSED' && row.review_due_at <= row.db_now,
    accesses: Number(row.accesses),
  }))
}

const endNames: Readonly<Record<string, string>> = {
  ENDED: 'Ended by the person',
  EXPIRED: 'Ended after an hour',
  REVOKED: 'Stopped by compliance',
}
