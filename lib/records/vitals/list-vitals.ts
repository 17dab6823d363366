import 'server-only'

import { now } from '#lib/clock.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { bannerSelect, toBanner } from '#lib/records/shared/banner.ts'
import { today } from '#lib/records/shared/today.ts'
import { groupVitals, vitalSelect } from '#lib/records/shared/vital-rows.ts'
import type { VitalsView } from './view.ts'

/** About forty sets of vital signs. */
const rowsMax = 400

/** Vital signs of a chart over time, by measure. Null when there is no such patient. */
export async function listVitals(actor: Actor, patientId: string): Promise<Outcome<VitalsView | null>> {
  return withRecord(
    actor,
    { view: 'chart-vitals', action: 'READ', patients: [patientId] },
    async (record) => {
      const patient = await record.patient.findUnique({ where: { id: patientId }, select: bannerSelect })
      if (!patient) return null
      const rows = await record.observation.findMany({
        where: { patientId, kind: 'vital-signs', status: { notIn: ['cancelled', 'entered-in-error'] } },
        orderBy: { effectiveAt: 'desc' },
        take: rowsMax,
        select: vitalSelect,
      })
      const series = groupVitals(rows)
      return {
        banner: toBanner(patient, today()),
        series,
        vitalsAt:
          series
            .flatMap(({ points }) => points[0]?.takenAt ?? [])
            .toSorted()
            .at(-1) ?? null,
        readAt: now().toISOString(),
      }
    },
  )
}
