import 'server-only'

import { z } from 'zod'
import { findPatientWork } from '#lib/phi/find-patient-work.ts'
import { patientReferences } from '#lib/phi/patient-reference.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { QueuedConcernView } from './view.ts'

export const listedMax = 100
const statusShape = z.enum(['open', 'acknowledged', 'answered'])

/**
 * Concerns that wait, those that are due first, or answered ones, the newest first. What is about the officer who asks is not
 * among them. No word of a concern is read for it.
 */
export async function listConcerns(actor: Actor, answered: boolean): Promise<QueuedConcernView[]> {
  const rows = await findPatientWork(actor, 'concerns', answered, listedMax)
  const references = await patientReferences(rows.map(({ patientId }) => patientId))
  return rows.map((row) => ({
    id: row.id,
    patientId: row.patientId,
    patientReference: references.get(row.patientId) ?? '',
    status: statusShape.parse(row.status),
    reportedAt: row.askedAt,
    dueAt: row.dueAt,
    isOverdue: row.isOverdue,
  }))
}
