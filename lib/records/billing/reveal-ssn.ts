import 'server-only'

import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'

/**
 * The full social security number of one patient. The database refuses unless the second factor of the session is
 * younger than five minutes; the role that may read the column can read nothing else of the record.
 */
export async function revealSsn(actor: Actor, patientId: string): Promise<Outcome<string | null>> {
  return withRecord(
    actor,
    { view: 'billing-ssn', action: 'READ', patients: [patientId], fields: { Patient: ['ssn'] } },
    async (record) => {
      const row = await record.patient.findUnique({ where: { id: patientId }, select: { ssn: true } })
      return row?.ssn ?? null
    },
  )
}
