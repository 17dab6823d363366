import 'server-only'

import { toFlag, toStatus } from './result-row.ts'
import {
  diastolicCode,
  systolicCode,
  vitalMeasureOf,
  vitalMeasures,
  type VitalMeasure,
} from './vital-measures.ts'
import type { VitalPointView, VitalSeriesView } from './view.ts'

/** The columns of an observation that a vital sign is drawn from. */
export const vitalSelect = {
  id: true,
  status: true,
  effectiveAt: true,
  code: true,
  valueNumber: true,
  unit: true,
  interpretation: true,
  components: true,
} as const

export type VitalRow = {
  id: string
  status: string
  effectiveAt: Date | null
  code: string | null
  valueNumber: number | null
  unit: string | null
  interpretation: string | null
  components: unknown
}

/**
 * Groups observations by what they measure, in the order of the measures, newest first. Values in another unit than
 * the chart's are converted (°F, lb, in), so that a trend is of one unit; what cannot be placed is left out.
 */
export function groupVitals(rows: readonly VitalRow[]): VitalSeriesView[] {
  const groups = new Map<string, VitalPointView[]>()
  for (const row of rows) {
    const measure = vitalMeasureOf(row.code)
    const point = measure && toPoint(row, measure)
    if (!point) continue
    const points = groups.get(measure.key) ?? []
    points.push(point)
    groups.set(measure.key, points)
  }
  return vitalMeasures.flatMap((measure) => {
    const points = groups.get(measure.key)
    if (!points) return []
    const newestFirst = points.toSorted((a, b) => b.takenAt.localeCompare(a.takenAt))
    return [{ key: measure.key, label: measure.label, unit: measure.unitLabel, points: newestFirst }]
  })
}

function toPoint(row: VitalRow, measure: VitalMeasure): VitalPointView | null {
  if (row.effectiveAt === null) return null
  const shared = {
    id: row.id,
    takenAt: row.effectiveAt.toISOString(),
    status: toStatus(row.status),
    flag: toFlag(row.interpretation),
  }
  if (measure.key === 'blood-pressure') {
    const upper = componentNumber(row.components, systolicCode)
    const lower = componentNumber(row.components, diastolicCode)
    if (upper === null || lower === null) return null
    return { ...shared, value: `${Math.round(upper)}/${Math.round(lower)}`, valueNumber: upper, lower }
  }
  if (row.valueNumber === null) return null
  const number = inChartUnit(row.valueNumber, row.unit)
  return { ...shared, value: number.toFixed(measure.decimals), valueNumber: number, lower: null }
}

/** The number of one component of an observation, found by its LOINC code. */
export function componentNumber(components: unknown, code: string): number | null {
  if (!Array.isArray(components)) return null
  for (const part of components as unknown[]) {
    if (typeof part !== 'object' || part === null) continue
    const { code: itsCode, valueNumber } = part as Record<string, unknown>
    if (itsCode === code && typeof valueNumber === 'number') return valueNumber
  }
  return null
}

/** Units that a source may send, in terms of the chart's. Any other unit is taken as the chart's own. */
function inChartUnit(value: number, unit: string | null): number {
  if (unit === '[degF]' || unit === '°F' || unit === 'degF') return ((value - 32) * 5) / 9
  if (unit === '[lb_av]' || unit === 'lb' || unit === 'lbs') return value * 0.45359237
  if (unit === '[in_i]' || unit === 'in') return value * 2.54
  if (unit === 'm') return value * 100
  if (unit === 'g') return value / 1000
  return value
}
