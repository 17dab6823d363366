import 'server-only'

import { now } from '#lib/clock.ts'
import { proveMyEntry } from '#lib/phi/prove-my-entry.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'

/**
 * The evidence of one entry of the record's trail, as a file that the stand-alone verifier accepts (lib/verifier). Null when
 * there is no such entry, or nothing proves it just now: its page says which.
 */
export async function proveAccess(
  actor: Actor,
  patientId: string,
  logId: string,
): Promise<Outcome<string | null>> {
  return withRecord(
    actor,
    {
      view: 'my-access-log',
      action: 'EXPORT',
      patients: [patientId],
      fields: {},
      resourceType: 'AuditEvent',
      resourceId: logId,
    },
    async () => {
      const proof = await proveMyEntry(logId, now())
      return proof.kind === 'proven' ? `${JSON.stringify(proof.bundle, null, 2)}\n` : null
    },
  )
}
