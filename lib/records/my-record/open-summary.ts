import 'server-only'

import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { groupVitals, vitalSelect } from '#lib/records/shared/vital-rows.ts'
import { allergySelect, toAllergies } from './to-allergies.ts'
import { conditionSelect, toConditions } from './to-conditions.ts'
import { medicineSelect, toMedicines } from './to-medicines.ts'
import { toVaccines, vaccineSelect } from './to-vaccines.ts'
import type { MySummaryView } from './view.ts'
import { printedSelect, toWhose } from './whose.ts'

const listMax = 200
/** About four years of visits with eight measures each. */
const vitalsMax = 240
const pointsMax = 30

/** Conditions, allergies, medicines, vaccines and vital signs of one record. Null when there is no such patient. */
export async function openSummary(actor: Actor, patientId: string): Promise<Outcome<MySummaryView | null>> {
  return withRecord(actor, { view: 'my-summary', action: 'READ', patients: [patientId] }, async (record) => {
    const patient = await record.patient.findUnique({
      where: { id: patientId },
      select: {
        ...printedSelect,
        conditions: { orderBy: { recordedAt: 'desc' }, take: listMax, select: conditionSelect },
        allergyIntolerances: { orderBy: { recordedAt: 'desc' }, take: listMax, select: allergySelect },
        medicationRequests: { orderBy: { authoredAt: 'desc' }, take: listMax, select: medicineSelect },
        immunizations: { orderBy: { occurredAt: 'desc' }, take: listMax, select: vaccineSelect },
      },
    })
    if (!patient) return null
    const vitals = await record.observation.findMany({
      where: { patientId, kind: 'vital-signs', status: { notIn: ['cancelled', 'entered-in-error', 'registered'] } },
      orderBy: { effectiveAt: 'desc' },
      take: vitalsMax,
      select: vitalSelect,
    })
    return {
      whose: toWhose(patient),
      conditions: toConditions(patient.conditions),
      allergies: toAllergies(patient.allergyIntolerances),
      medicines: toMedicines(patient.medicationRequests),
      vaccines: toVaccines(patient.immunizations),
      vitals: groupVitals(vitals).map((series) => ({ ...series, points: series.points.slice(0, pointsMax) })),
    }
  }) // prettier-ignore
}
