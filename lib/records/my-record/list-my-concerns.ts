import 'server-only'

import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { toConcern } from '#lib/records/shared/concern.ts'
import type { MyConcernsView } from './view.ts'
import { nameFields, nameSelect, toWhose } from './whose.ts'

/** What was reported about the record's trail, newest first, with the answers. A proxy sees what they reported themselves. */
export async function listMyConcerns(
  actor: Actor,
  patientId: string,
): Promise<Outcome<MyConcernsView | null>> {
  const fields = { Patient: nameFields, Concern: ['entry', 'body', 'contact', 'answer'] }
  return withRecord(
    actor,
    { view: 'my-concerns', action: 'READ', patients: [patientId], fields },
    async (record) => {
      const patient = await record.patient.findUnique({
        where: { id: patientId },
        select: {
          ...nameSelect,
          concerns: {
            orderBy: [{ reportedAt: 'desc' }, { id: 'desc' }],
            take: 100,
            select: {
              id: true,
              status: true,
              reportedAt: true,
              dueAt: true,
              answeredAt: true,
              entry: true,
              body: true,
              contact: true,
              answer: true,
            },
          },
        },
      })
      return patient ? { whose: toWhose(patient), concerns: patient.concerns.map(toConcern) } : null
    },
  )
}
