import 'server-only'

import { now } from '#lib/clock.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { bannerSelect, toBanner } from '#lib/records/shared/banner.ts'
import { resultSelect, toResult } from '#lib/records/shared/result-row.ts'
import { today } from '#lib/records/shared/today.ts'
import { chartResultSelect, toChartResult } from './chart-result-row.ts'
import type { ChartResultDetailView } from './view.ts'

const trendMax = 60

/** One laboratory result with the same test over time. Null when this patient has no such result. */
export async function openChartResult(
  actor: Actor,
  patientId: string,
  resultId: string,
): Promise<Outcome<ChartResultDetailView | null>> {
  return withRecord(
    actor,
    {
      view: 'chart-results',
      action: 'READ',
      patients: [patientId],
      resourceType: 'Observation',
      resourceId: resultId,
    },
    async (record) => {
      const patient = await record.patient.findUnique({ where: { id: patientId }, select: bannerSelect })
      const row = await record.observation.findFirst({
        where: { id: resultId, patientId, kind: 'laboratory' },
        select: chartResultSelect,
      })
      if (!patient || !row) return null
      const same =
        row.code === null
          ? []
          : await record.observation.findMany({
              where: { patientId, kind: 'laboratory', code: row.code },
              orderBy: { effectiveAt: 'desc' },
              take: trendMax,
              select: { ...resultSelect, code: true },
            })
      return {
        banner: toBanner(patient, today()),
        result: toChartResult(row, same),
        trend: (same.length > 0 ? same : [row]).map((each) => toResult(each)),
        readAt: now().toISOString(),
      }
    },
  )
}
