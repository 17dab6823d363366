import { summarySentence } from './summary-sentence.ts'
import { Marker } from './marker.tsx'
import { TrendTable } from './trend-table.tsx'
import { trendHeight, trendLayout, type TrendLayout, type TrendSeries } from './trend-layout.ts'

type Props = {
  /** What was measured: "Potassium". */
  name: string
  /** One series, or two of the same unit that belong together (a blood pressure). */
  series: readonly TrendSeries[]
  audience?: 'patient' | 'staff' | undefined
  /** Replaces the sentence made from the data; needed where there are two series. */
  summary?: string | undefined
  /** IANA name; the clinic's by default. */
  timeZone?: string | undefined
}

/**
 * A measurement over time: a sentence, a drawing, and all numbers in a table. The drawing comes from the server and needs no script;
 * nothing in it waits for a pointer. With fewer than three values there is no drawing.
 */
export function TrendFigure({ name, series, audience = 'patient', summary, timeZone }: Props) {
  const layout = trendLayout(series, timeZone)
  const sentence = summary ?? summarySentence(series[0]?.points ?? [])
  return (
    <div className="space-y-4">
      <p>{sentence}</p>
      {layout && (
        <figure data-card className="rounded-xl border border-line bg-card px-4 pt-4 pb-3">
          <div className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2">
            <Axis ticks={layout.ticks} />
            <Plot name={name} sentence={sentence} layout={layout} />
          </div>
          <figcaption className="mt-2 text-xs text-muted">
            <Legend layout={layout} series={series} />
          </figcaption>
        </figure>
      )}
      <TrendTable caption={`${name}: all results`} series={series} audience={audience} timeZone={timeZone} />
    </div>
  )
}

function Axis({ ticks }: { ticks: TrendLayout['ticks'] }) {
  const width = Math.max(...ticks.map((tick) => tick.label.length), 2) * 8 + 4
  return (
    <svg width={width} height={trendHeight} aria-hidden="true" className="text-xs">
      {ticks.map((tick) => (
        <text
          key={tick.label}
          x={width}
          y={tick.y + 4.5}
          textAnchor="end"
          className={tick.isLimit ? 'fill-ink font-semibold tabular' : 'fill-muted tabular'}
        >
          {tick.label}
        </text>
      ))}
    </svg>
  )
}

function Plot({ name, sentence, layout }: { name: string; sentence: string; layout: TrendLayout }) {
  return (
    <svg
      role="img"
      aria-label={`${name} over time. ${sentence} The table has every value.`}
      width="100%"
      height={trendHeight + 26}
      className="block overflow-visible text-xs"
    >
      {layout.bands.map((band) => (
        <g key={band.x}>
          <rect
            x={`${band.x}%`}
            y={band.y}
            width={`${band.width}%`}
            height={band.height}
            className="fill-band"
          />
          {[band.top, band.bottom].map(
            (limit) =>
              limit !== null && (
                <line
                  key={limit}
                  x1={`${band.x}%`}
                  x2={`${band.x + band.width}%`}
                  y1={limit}
                  y2={limit}
                  className="stroke-limit"
                  strokeDasharray="5 4"
                />
              ),
          )}
        </g>
      ))}
      {layout.ticks.map(
        (tick) =>
          !tick.isLimit && (
            <line key={tick.y} x1="0" x2="100%" y1={tick.y} y2={tick.y} className="stroke-line" />
          ),
      )}
      {/* Only the line is stretched to the width; its stroke, the marks and the words keep their size. */}
      <svg width="100%" height={trendHeight} viewBox={`0 0 100 ${trendHeight}`} preserveAspectRatio="none">
        {layout.lines.map((path, index) => (
          <path
            key={index === 0 ? 'first' : 'second'}
            d={path}
            fill="none"
            strokeWidth="2.5"
            strokeLinejoin="round"
            vectorEffect="non-scaling-stroke"
            className={index === 0 ? 'stroke-series' : 'stroke-series-second'}
            strokeDasharray={index === 0 ? undefined : '7 5'}
          />
        ))}
      </svg>
      {layout.markers.map((marker) => (
        <Marker
          key={`${marker.series} ${marker.x} ${marker.y}`}
          x={marker.x}
          y={marker.y}
          position={marker.position}
          second={marker.series > 0}
        />
      ))}
      {layout.labels.map((label) => (
        <text
          key={label.x}
          x={`${label.x}%`}
          y={trendHeight + 18}
          textAnchor={label.anchor}
          className={label.wideOnly ? 'fill-muted max-sm:hidden' : 'fill-muted'}
        >
          {label.text}
        </text>
      ))}
    </svg>
  )
}

function Legend({ layout, series }: { layout: TrendLayout; series: readonly TrendSeries[] }) {
  const positions = new Set(layout.markers.map((marker) => marker.position))
  return (
    <>
      {series.length > 1 &&
        `Solid line with dots: ${series[0]?.name}. Dashed line with squares: ${series[1]?.name}. `}
      {layout.bands.length > 0 && 'Shaded: the usual range, between its dashed limits. '}
      {positions.has('above') && 'Triangle up: above the usual range. '}
      {positions.has('below') && 'Triangle down: below the usual range. '}
      {layout.hasOtherUnits &&
        `Drawn are the results in ${layout.unit ?? 'the newest unit'}; the others are in the table. `}
    </>
  )
}
