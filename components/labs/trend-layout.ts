import { scaleLinear } from 'd3-scale'
import { line } from 'd3-shape'
import { formatMonth, formatMonthDay } from '#lib/format.ts'
import type { TrendPointView } from '#lib/records/labs/view.ts'
import { isValid, positionOf, type Position } from './position.ts'

/** Height of the drawing in CSS pixels; the width is whatever the page gives, so x is in percent. */
export const trendHeight = 190
const edge = 16

export type TrendSeries = { name: string; points: readonly TrendPointView[] }

export type TrendLayout = {
  lines: string[]
  markers: { x: number; y: number; position: Position; series: number }[]
  bands: { x: number; width: number; y: number; height: number; top: number | null; bottom: number | null }[]
  ticks: { y: number; label: string; isLimit: boolean }[]
  labels: { x: number; text: string; anchor: 'start' | 'middle' | 'end'; wideOnly: boolean }[]
  /** The unit that is drawn; results in another one stand in the table alone. */
  unit: string | null
  hasOtherUnits: boolean
}

/**
 * Geometry of a trend. The y axis spans the values and their ranges and is never forced to start at 0; a result without a number or in
 * another unit breaks the line. Null for fewer than three points: two dots are not a trend.
 */
export function trendLayout(series: readonly TrendSeries[], timeZone?: string): TrendLayout | null {
  const all = series.map(({ points }) => points.filter(isValid).toSorted(byTime))
  const unit = all.flat().toSorted(byTime).at(-1)?.unit ?? null
  const drawn = all.flat().filter((point) => isDrawn(point, unit))
  if (all.every((points) => points.filter((point) => isDrawn(point, unit)).length < 3)) return null

  const times = drawn.map((point) => Date.parse(point.collectedAt))
  const [first, last] = [Math.min(...times), Math.max(...times)]
  const x = scaleLinear([first, last === first ? first + 1 : last], [4, 96])
  const xOf = (point: TrendPointView) => x(Date.parse(point.collectedAt))

  const showsRange = series.length === 1
  const values = drawn.flatMap((point) => [point.valueNumber, ...(showsRange ? [point.low, point.high] : [])])
  const known = values.filter((value) => value !== null)
  const [least, most] = [Math.min(...known), Math.max(...known)]
  const padding = (most - least) * 0.12 || Math.abs(most) * 0.1 || 1
  const y = scaleLinear([least - padding, most + padding], [trendHeight - edge, edge])

  const draw = line<TrendPointView>()
    .defined((point) => isDrawn(point, unit))
    .x(xOf)
    .y((point) => y(point.valueNumber ?? 0))
  const bands = showsRange ? rangeRuns(drawn.toSorted(byTime), xOf, y) : []
  return {
    lines: all.map((points) => draw(points) ?? ''),
    markers: all.flatMap((points, index) =>
      points
        .filter((point) => isDrawn(point, unit))
        .map((point) => ({
          x: xOf(point),
          y: y(point.valueNumber ?? 0),
          position: positionOf(point),
          series: index,
        })),
    ),
    bands,
    ticks: ticksOf(y, showsRange ? drawn.toSorted(byTime).at(-1) : undefined),
    labels: dateLabels(drawn.toSorted(byTime), xOf, timeZone),
    unit,
    hasOtherUnits: all.flat().some((point) => point.valueNumber !== null && point.unit !== unit),
  }
}

function isDrawn(point: TrendPointView, unit: string | null): boolean {
  return point.valueNumber !== null && point.unit === unit
}

function byTime(a: TrendPointView, b: TrendPointView): number {
  return a.collectedAt.localeCompare(b.collectedAt)
}

/** The usual range belongs to each result: laboratories change theirs. Equal neighbours share one band, others meet half-way. */
function rangeRuns(
  points: readonly TrendPointView[],
  xOf: (point: TrendPointView) => number,
  y: (value: number) => number,
): TrendLayout['bands'] {
  const runs: { from: number; to: number; point: TrendPointView }[] = []
  for (const [index, point] of points.entries()) {
    const next = points[index + 1]
    const end = next ? (xOf(point) + xOf(next)) / 2 : 100
    const current = runs.at(-1)
    if (current && current.point.low === point.low && current.point.high === point.high) current.to = end
    else runs.push({ from: current?.to ?? 0, to: end, point })
  }
  return runs
    .filter(({ point }) => point.low !== null || point.high !== null)
    .map(({ from, to, point }) => {
      const top = point.high === null ? null : y(point.high)
      const bottom = point.low === null ? null : y(point.low)
      const start = top ?? 0
      return { x: from, width: to - from, y: start, height: (bottom ?? trendHeight) - start, top, bottom }
    })
}

/** The limits of the newest range come first; round numbers fill the rest where they do not crowd them. */
function ticksOf(
  y: ReturnType<typeof scaleLinear<number, number>>,
  newest: TrendPointView | undefined,
): TrendLayout['ticks'] {
  const limits = [newest?.low, newest?.high].filter((limit) => limit !== null && limit !== undefined)
  const ticks = limits.map((limit) => ({ y: y(limit), label: String(limit), isLimit: true }))
  const format = y.tickFormat(4)
  for (const value of y.ticks(4)) {
    const at = y(value)
    if (ticks.every((tick) => Math.abs(tick.y - at) >= 22))
      ticks.push({ y: at, label: format(value), isLimit: false })
  }
  return ticks
}

/**
 * Dates under the points: the newest, the oldest, then as many between them as fit. On a phone a label takes about a quarter of the width;
 * those that fit on wider screens only are marked.
 */
function dateLabels(
  points: readonly TrendPointView[],
  xOf: (point: TrendPointView) => number,
  timeZone: string | undefined,
): TrendLayout['labels'] {
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last) return []
  const days = (Date.parse(last.collectedAt) - Date.parse(first.collectedAt)) / 86_400_000
  const write = days < 150 ? formatMonthDay : formatMonth
  const labels: TrendLayout['labels'] = []
  for (const point of [last, first, ...points.slice(1, -1).toReversed()]) {
    const x = xOf(point)
    const text = write(point.collectedAt, timeZone)
    const anchor = x > 88 ? 'end' : x < 12 ? 'start' : 'middle'
    const fits = (width: number, among: TrendLayout['labels']) =>
      among.every(
        (label) => Math.abs(middleOf(label.x, label.anchor, width) - middleOf(x, anchor, width)) > width,
      )
    if (labels.some((label) => label.text === text) || !fits(17, labels)) continue
    const narrow = labels.filter((label) => !label.wideOnly)
    labels.push({ x, text, anchor, wideOnly: !fits(26, narrow) })
  }
  return labels
}

function middleOf(x: number, anchor: 'start' | 'middle' | 'end', width: number): number {
  return anchor === 'start' ? x + width / 2 : anchor === 'end' ? x - width / 2 : x
}
