import type { VitalSeriesView } from '#lib/records/my-record/view.ts'

/** A vital sign in the units people in the United States use at home; null where they are the chart's own. */
export function inUsUnits(key: VitalSeriesView['key'], value: number | null): string | null {
  if (value === null) return null
  if (key === 'temperature') return `${((value * 9) / 5 + 32).toFixed(1)} °F`
  if (key === 'weight') return `${Math.round(value / 0.45359237)} lb`
  if (key !== 'height') return null
  const inches = Math.round(value / 2.54)
  return `${Math.floor(inches / 12)} ft ${inches % 12} in`
}
