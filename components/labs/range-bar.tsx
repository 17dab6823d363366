import clsx from 'clsx'
import { flagPhrase } from './result-flag.tsx'
import { Marker } from './marker.tsx'
import { positionOf, rangeInWords } from './position.ts'
import { rangeBarLayout } from './range-bar-layout.ts'
import type { ResultView } from '#lib/records/labs/view.ts'

type Props = Pick<ResultView, 'value' | 'valueNumber' | 'unit' | 'low' | 'high' | 'flag'> & {
  /** Before the value over its mark. */
  valueLabel?: string | undefined
}

const inks = {
  above: 'text-bad',
  below: 'text-below',
  outside: 'text-bad',
  inside: 'text-ink',
  unknown: 'text-ink',
}

/**
 * A value on its usual range. The words and numbers above it say the same; this is for the eye. The tint is decoration, the dashed lines
 * are the limits, and all labels are text of the page, so that they keep their size on a phone.
 */
export function RangeBar({ value, valueNumber, unit, low, high, flag, valueLabel = 'You' }: Props) {
  const layout = valueNumber === null ? null : rangeBarLayout(valueNumber, low, high)
  if (!layout) return null
  const position = positionOf({ flag, valueNumber, low, high })
  const bandStart = layout.low ?? 0
  const bandEnd = layout.high ?? 100
  return (
    <div>
      <div
        role="img"
        aria-label={`${value}${unit ? ` ${unit}` : ''}, ${flag ? flagPhrase(flag) : position} (${rangeInWords(low, high)})`}
        className="mx-1 text-sm leading-6"
      >
        <div className="relative h-7">
          <span
            className={clsx(
              `absolute at-${layout.value} font-bold whitespace-nowrap`,
              inks[position],
              layout.value < 14
                ? '-translate-x-2'
                : layout.value > 86
                  ? '-translate-x-full'
                  : '-translate-x-1/2',
            )}
          >
            {valueLabel}: {value}
          </span>
        </div>
        <svg width="100%" height="32" aria-hidden="true" className="block overflow-visible">
          <rect x="0" y="10" width="100%" height="12" rx="6" className="fill-track" />
          <rect
            x={`${bandStart}%`}
            y="10"
            width={`${bandEnd - bandStart}%`}
            height="12"
            rx={layout.low === null || layout.high === null ? 6 : 0}
            className="fill-band"
          />
          {[layout.low, layout.high].map(
            (limit) =>
              limit !== null && (
                <line
                  key={limit}
                  x1={`${limit}%`}
                  x2={`${limit}%`}
                  y1="3"
                  y2="29"
                  className="stroke-limit"
                  strokeWidth="2"
                  strokeDasharray="4 3"
                />
              ),
          )}
          <Marker x={layout.value} y={16} position={position} />
        </svg>
        <div className="relative h-6 text-muted">
          {layout.low !== null && <span className={`absolute at-${layout.low} -translate-x-1/2`}>{low}</span>}
          {layout.high !== null && (
            <span className={`absolute at-${layout.high} -translate-x-1/2`}>{high}</span>
          )}
        </div>
      </div>
      {layout.beyond && <p className="text-sm text-muted">This value lies beyond the end of the bar.</p>}
    </div>
  )
}
