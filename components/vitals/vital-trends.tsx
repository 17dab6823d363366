import { TrendFigure } from '#components/labs/trend-figure.tsx'
import { Card } from '#components/ui/card.tsx'
import { formatStaleness } from '#lib/format.ts'
import type { TrendPointView } from '#lib/records/shared/view.ts'
import type { VitalPointView, VitalSeriesView } from '#lib/records/vitals/view.ts'

/** How many values of each measure are drawn and listed. */
const shownMax = 8

/** Each vital sign over time, newest values, as a drawing and as numbers. */
export function VitalTrends({ series, readAt }: { series: readonly VitalSeriesView[]; readAt: string }) {
  return (
    <div className="grid items-start gap-4 md:grid-cols-2">
      {series.map((each) => (
        <VitalTrend key={each.key} series={each} readAt={readAt} />
      ))}
    </div>
  )
}

function VitalTrend({ series, readAt }: { series: VitalSeriesView; readAt: string }) {
  const points = series.points.slice(0, shownMax)
  const newest = points[0]
  if (!newest) return null
  const drawn =
    series.key === 'blood-pressure'
      ? [
          {
            name: 'Systolic',
            points: points.map((point) => toTrendPoint(point, series.unit, point.valueNumber)),
          },
          { name: 'Diastolic', points: points.map((point) => toTrendPoint(point, series.unit, point.lower)) },
        ]
      : [
          {
            name: series.label,
            points: points.map((point) => toTrendPoint(point, series.unit, point.valueNumber, point.value)),
          },
        ]
  return (
    <Card title={series.label} aside={formatStaleness(newest.takenAt, readAt)}>
      <TrendFigure name={series.label} audience="staff" series={drawn} summary={summary(series, points)} />
    </Card>
  )
}

function toTrendPoint(
  point: VitalPointView,
  unit: string,
  number: number | null,
  value = number === null ? '' : String(Math.round(number)),
): TrendPointView {
  return {
    id: point.id,
    value,
    valueNumber: number,
    unit,
    low: null,
    high: null,
    flag: point.flag,
    status: point.status,
    collectedAt: point.takenAt,
  }
}

function summary(series: VitalSeriesView, points: readonly VitalPointView[]): string {
  const [newest, before] = points
  const count = series.points.length
  const shown = count > points.length ? ` The newest ${points.length} of ${count} are shown.` : ''
  const earlier = before ? `, before that ${before.value}` : ''
  return `Now ${newest?.value} ${series.unit}${earlier}.${shown}`
}
