import 'server-only'

import { z } from 'zod'
import { findPatientWork } from '#lib/phi/find-patient-work.ts'
import { patientReferences } from '#lib/phi/patient-reference.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { QueuedAccountingView } from './view.ts'

export const listedMax = 100
const statusShape = z.enum(['open', 'extended', 'provided'])

/** Requests for an accounting that wait, those that are due first, or those that were answered, the newest first. */
export async function listAccountings(actor: Actor, provided: boolean): Promise<QueuedAccountingView[]> {
  const rows = await findPatientWork(actor, 'accountings', provided, listedMax)
  const references = await patientReferences(rows.map(({ patientId }) => patientId))
  return rows.map((row) => ({
    id: row.id,
    patientId: row.patientId,
    patientReference: references.get(row.patientId) ?? '',
    status: statusShape.parse(row.status),
    requestedAt: row.askedAt,
    dueAt: row.dueAt,
    isOverdue: row.isOverdue,
  }))
}
