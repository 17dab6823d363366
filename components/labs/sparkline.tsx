import { scaleLinear } from 'd3-scale'
import { line } from 'd3-shape'

const width = 90
const height = 24

/** A line as small as a word beside the numbers that it repeats, oldest first; a missing value is a gap. Nothing under three numbers. */
export function Sparkline({ values }: { values: readonly (number | null)[] }) {
  const known = values.filter((value) => value !== null)
  const last = values.at(-1)
  if (known.length < 3) return null
  const x = scaleLinear([0, values.length - 1], [3, width - 4])
  const y = scaleLinear([Math.min(...known), Math.max(...known)], [height - 4, 4])
  const flat = Math.min(...known) === Math.max(...known)
  const yOf = (value: number) => (flat ? height / 2 : y(value))
  const path = line<number | null>()
    .defined((value) => value !== null)
    .x((_, index) => x(index))
    .y((value) => yOf(value ?? 0))(values)
  return (
    <svg width={width} height={height} aria-hidden="true" focusable="false" className="inline-block">
      <path d={path ?? ''} fill="none" strokeWidth="1.8" strokeLinejoin="round" className="stroke-series" />
      {last !== null && last !== undefined && (
        <circle cx={x(values.length - 1)} cy={yOf(last)} r="3" className="fill-series" />
      )}
    </svg>
  )
}
