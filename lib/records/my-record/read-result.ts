import 'server-only'

import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { readableUnit } from '#lib/records/shared/readable-unit.ts'
import { resultSelect, toResult, type ResultRow } from '#lib/records/shared/result-row.ts'
import { everydayName } from './everyday-names.ts'
import type { MyResultView, ResultView } from './view.ts'
import { printedSelect, toWhose } from './whose.ts'

const trendMax = 60

/**
 * One laboratory result with its range, its corrections, and the same test over time. Null when this record has no such
 * result; the attempt stands in the trail either way.
 */
export async function readResult(
  actor: Actor,
  patientId: string,
  resultId: string,
): Promise<Outcome<MyResultView | null>> {
  return withRecord(
    actor,
    { view: 'my-result', action: 'READ', patients: [patientId], resourceType: 'Observation', resourceId: resultId },
    async (record) => {
      const patient = await record.patient.findUnique({ where: { id: patientId }, select: printedSelect })
      const row = await record.observation.findFirst({
        where: { id: resultId, patientId, kind: 'laboratory', status: { not: 'registered' } },
        select: {
          ...resultSelect,
          code: true,
          diagnosticReport: { select: { display: true, conclusion: true, performer: true } },
        },
      })
      if (!patient || !row) return null
      const same =
        row.code === null
          ? []
          : await record.observation.findMany({
              where: { patientId, kind: 'laboratory', code: row.code, status: { not: 'registered' } },
              orderBy: { effectiveAt: { sort: 'desc', nulls: 'last' } },
              take: trendMax,
              select: resultSelect,
            })
      const report = row.diagnosticReport
      const result = toMyResult(row, report?.display ?? null)
      const trend = (same.length > 0 ? same : [row]).map((each) => toMyResult(each))
      return {
        whose: toWhose(patient),
        result: {
          ...result,
          plainName: everydayName(row.code),
          performer: row.performer ?? report?.performer ?? null,
          reviewedAt: row.reviewedAt?.toISOString() ?? null,
          conclusion: report?.conclusion ?? null,
        },
        trend,
        newerId: newerThan(result, trend),
      }
    },
  ) // prettier-ignore
}

function toMyResult(row: ResultRow, reportName: string | null = null): ResultView {
  return { ...toResult(row, reportName), unit: readableUnit(row.unit) }
}

/** The newest result of the same test that counts, when it is newer than this one. */
function newerThan(result: ResultView, trend: readonly ResultView[]): string | null {
  const newest = trend.find(({ status }) => status !== 'cancelled' && status !== 'entered-in-error')
  return newest && newest.collectedAt > result.collectedAt ? newest.id : null
}
