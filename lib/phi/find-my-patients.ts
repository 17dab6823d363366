import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** Where a page of the list begins: after this patient. */
export type PatientCursor = { attentionAt: string | null; patientId: string }

/**
 * Ids of the patients that a nurse or clinician cares for, those with the newest unreviewed results first. Ids alone:
 * nothing of a record is read, so nothing is logged; what they stand for is admitted afterwards, a page at a time.
 * @param limit 1 to 51
 * @returns no ids for anybody else, and for a session that is over
 * @throws AuditUnavailable when the database does not answer
 */
export async function findMyPatients(
  actor: Actor,
  limit: number,
  after: PatientCursor | null = null,
): Promise<PatientCursor[]> {
  const rows = await ask(actor.sessionToken, limit, after)
  return rows.map((row) => ({
    patientId: row.patient_id,
    attentionAt: row.attention_at?.toISOString() ?? null,
  }))
}

async function ask(token: string, limit: number, after: PatientCursor | null) {
  try {
    return await appQuery<{ patient_id: string; attention_at: Date | null }>(
      'SELECT patient_id, attention_at FROM audit.my_patients($1, $2, $3::timestamptz, $4::uuid)',
      [token, limit, after?.attentionAt ?? null, after?.patientId ?? null],
    )
  } catch (error) {
    throw new AuditUnavailable('the list of patients could not be asked for', { cause: error })
  }
}
