import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** Something that a patient waits for: a concern, or a request for an accounting. Ids and dates alone. */
export type PatientWork = {
  id: string
  patientId: string
  status: string
  /** ISO instants */
  askedAt: string
  dueAt: string
  isOverdue: boolean
}

type Row = {
  id: string
  patient_id: string
  status: string
  asked_at: Date
  due_at: Date
  is_overdue: boolean
}

const texts = {
  concerns: `SELECT concern_id AS id, patient_id, status, reported_at AS asked_at, due_at, is_overdue
               FROM audit.concern_queue($1, $2, $3)`,
  accountings: `SELECT request_id AS id, patient_id, status, requested_at AS asked_at, due_at, is_overdue
                  FROM audit.accounting_queue($1, $2, $3)`,
} as const

/**
 * What waits for compliance officers, the most urgent first, or what is done, the newest first. A concern about the officer
 * who asks is not there. Ids and dates alone: nothing of a record is read, so nothing is logged.
 * @param limit 1 to 201
 * @returns nothing for anybody else, and for a session that is over
 * @throws AuditUnavailable when the database does not answer
 */
export async function findPatientWork(
  actor: Actor,
  kind: keyof typeof texts,
  done: boolean,
  limit: number,
): Promise<PatientWork[]> {
  try {
    const rows = await appQuery<Row>(texts[kind], [actor.sessionToken, done, limit])
    return rows.map((row) => ({
      id: row.id,
      patientId: row.patient_id,
      status: row.status,
      askedAt: row.asked_at.toISOString(),
      dueAt: row.due_at.toISOString(),
      isOverdue: row.is_overdue,
    }))
  } catch (error) {
    throw new AuditUnavailable('what waits for compliance could not be asked for', { cause: error })
  }
}
