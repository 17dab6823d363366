import { ResultFlag } from '#components/labs/result-flag.tsx'
import { TrendFigure } from '#components/labs/trend-figure.tsx'
import { formatDateForPatient } from '#lib/format.ts'
import { inUsUnits } from './us-units.ts'
import type { TrendPointView, VitalSeriesView } from '#lib/records/my-record/view.ts'

/** The newest of each vital sign as a tile, and each over time behind its name. */
export function VitalSigns({ vitals }: { vitals: readonly VitalSeriesView[] }) {
  if (vitals.length === 0)
    return <p className="text-muted">No vital signs are recorded. They show here after a visit.</p>
  return (
    <div className="space-y-5">
      <dl className="grid grid-cols-1 gap-3 xs:grid-cols-2 md:grid-cols-4">
        {vitals.map((series) => (
          <Tile key={series.key} series={series} />
        ))}
      </dl>
      <div className="divide-y divide-line border-y border-line print:border-0">
        {vitals.map((series) => (
          <details key={series.key} className="[&:not([open])]:print:hidden">
            <summary className="min-h-11 py-2 font-semibold text-link">{series.label} over time</summary>
            <div className="pt-1 pb-5">
              <TrendFigure name={series.label} series={toTrend(series)} summary={sentence(series)} />
            </div>
          </details>
        ))}
      </div>
    </div>
  )
}

function Tile({ series: { key, label, unit, points } }: { series: VitalSeriesView }) {
  const [newest] = points
  if (!newest) return null
  const usual = inUsUnits(key, newest.valueNumber)
  return (
    <div className="rounded-lg border border-line px-4 py-3">
      <dt className="text-sm text-muted">{label}</dt>
      <dd className="leading-snug">
        <span className="text-2xl font-bold tabular">{newest.value}</span> <span>{unit}</span>
      </dd>
      {usual && <dd className="text-sm tabular">{usual}</dd>}
      {newest.flag !== null && newest.flag !== 'normal' && (
        <dd>
          <ResultFlag flag={newest.flag} wording="short" />
        </dd>
      )}
      <dd className="text-sm text-muted">{formatDateForPatient(newest.takenAt)}</dd>
    </div>
  )
}

/** A blood pressure is two lines that belong together; all else is one. */
function toTrend({ key, label, unit, points }: VitalSeriesView) {
  const line = (name: string, numberOf: (point: VitalSeriesView['points'][number]) => number | null) => ({
    name,
    points: points.map((point): TrendPointView => {
      const number = numberOf(point)
      return {
        id: `${point.id}-${name}`,
        value: key === 'blood-pressure' ? String(Math.round(number ?? 0)) : point.value,
        valueNumber: number,
        unit,
        low: null,
        high: null,
        flag: point.flag,
        status: point.status,
        collectedAt: point.takenAt,
      }
    }),
  })
  if (key !== 'blood-pressure') return [line(label, (point) => point.valueNumber)]
  return [line('Upper', (point) => point.valueNumber), line('Lower', (point) => point.lower)]
}

function sentence({ label, unit, points }: VitalSeriesView): string {
  const [newest, before] = points
  if (!newest) return ''
  const now = `${label} was ${newest.value} ${unit} on ${formatDateForPatient(newest.takenAt)}.`
  return before ? `${now} The one before was ${before.value}.` : now
}
