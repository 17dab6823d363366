import 'server-only'

import { now } from '#lib/clock.ts'
import { localDay } from '#lib/format.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { requestSelect, toRequest } from '#lib/records/shared/accounting-request.ts'
import type { MyDisclosuresView } from './view.ts'
import { nameFields, nameSelect, toWhose } from './whose.ts'

/** What was asked for and what was given: requests for an accounting of disclosures, newest first. */
export async function listMyDisclosures(
  actor: Actor,
  patientId: string,
): Promise<Outcome<MyDisclosuresView | null>> {
  const fields = { Patient: nameFields, AccountingRequest: ['extensionReason'] }
  return withRecord(
    actor,
    { view: 'my-disclosures', action: 'READ', patients: [patientId], fields },
    async (record) => {
      const patient = await record.patient.findUnique({
        where: { id: patientId },
        select: {
          ...nameSelect,
          accountingRequests: {
            orderBy: [{ requestedAt: 'desc' }, { id: 'desc' }],
            take: 50,
            select: requestSelect,
          },
        },
      })
      if (!patient) return null
      return {
        whose: toWhose(patient),
        requests: patient.accountingRequests.map(toRequest),
        today: localDay(now().toISOString()),
      }
    },
  )
}
