import 'server-only'

import { destroyedOn } from '#lib/phi/shred/destroyed-on.ts'
import type { Actor } from '#lib/policy/actor.ts'

/**
 * When a record was destroyed, as an ISO time, for those whom its absence concerns: the patient, proxies, those in care of
 * the patient, and billing. Null when it was not, and for everybody else.
 * @throws RecordUnavailable
 */
export async function whenDestroyed(actor: Actor, patientId: string): Promise<string | null> {
  return (await destroyedOn(actor, patientId))?.toISOString() ?? null
}
