import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'

/**
 * When a patient's record was destroyed, for those whom that concerns: the patient, proxies, those in care, billing.
 * @returns null when it was not, and for everybody else
 * @throws RecordUnavailable when the database does not answer
 */
export async function destroyedOn(actor: Actor, patientId: string): Promise<Date | null> {
  try {
    const [row] = await appQuery<{ at: Date | null }>('SELECT audit.destroyed_on($1, $2) AS at', [
      actor.sessionToken,
      patientId,
    ])
    return row?.at ?? null
  } catch (error) {
    throw new RecordUnavailable('it could not be asked whether a record was destroyed', { cause: error })
  }
}
