import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** Where a page of billing's queue begins: after this account. */
export type BillingCursor = { newestClaimAt: string | null; patientId: string }

/**
 * Ids of the patients who have claims, those with the newest claim first. Ids alone: what they stand for is admitted
 * afterwards, a page at a time.
 * @returns no ids for anybody but billing
 * @throws AuditUnavailable when the database does not answer
 */
export async function findBillingPatients(
  actor: Actor,
  limit: number,
  after: BillingCursor | null = null,
): Promise<BillingCursor[]> {
  try {
    const rows = await appQuery<{ patient_id: string; newest: string }>(
      `SELECT patient_id, newest_claim_at::text AS newest FROM audit.billing_patients($1, $2, $3::timestamptz, $4::uuid)`,
      [
        actor.sessionToken,
        limit,
        after === null ? null : (after.newestClaimAt ?? '-infinity'),
        after?.patientId ?? null,
      ],
    )
    return rows.map((row) => ({
      patientId: row.patient_id,
      newestClaimAt: row.newest === '-infinity' ? null : new Date(row.newest).toISOString(),
    }))
  } catch (error) {
    throw new AuditUnavailable('the queue of accounts could not be asked for', { cause: error })
  }
}
