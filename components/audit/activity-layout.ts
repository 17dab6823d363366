import { scaleLinear } from 'd3-scale'
import type { ActivityView } from '#lib/oversight/trail/view.ts'

/** Height of the bars in CSS pixels; the width is whatever the page gives, so x is in percent. */
export const chartHeight = 120

export type ActivityLayout = {
  bars: { key: string; x: number; width: number; y: number; height: number; refusedHeight: number }[]
  ticks: { y: number; label: string }[]
  labels: { x: number; text: string; anchor: 'start' | 'middle' | 'end' }[]
}

/** Of the width in percent; the rest is left to the numbers of the axis. */
const drawnWidth = 94
/** Fewer bars than these leave room on the right instead of growing into blocks. */
const fewest = 12

/** Geometry of bars over time, from 0. An interval with anything in it has at least a line of two pixels. */
export function activityLayout({ unit, bars }: ActivityView): ActivityLayout {
  const most = Math.max(...bars.map((bar) => bar.entries), 1)
  const y = scaleLinear([0, most], [chartHeight, 14]).nice(3)
  const step = drawnWidth / Math.max(bars.length, fewest)
  const heightOf = (count: number): number => (count === 0 ? 0 : Math.max(chartHeight - y(count), 2))
  const text = (wall: string): string =>
    unit === 'hour' ? wall.replace('T', ' ') : wall.slice(0, unit === 'day' ? 10 : 7)
  const [first, last] = [bars[0], bars.at(-1)]
  const end = step * bars.length
  return {
    bars: bars.map((bar, index) => ({
      key: bar.startsAt,
      x: step * index,
      width: step * 0.82,
      y: chartHeight - heightOf(bar.entries),
      height: heightOf(bar.entries),
      refusedHeight: heightOf(bar.refused),
    })),
    ticks: y
      .ticks(2)
      .filter((value) => Number.isInteger(value))
      .map((value) => ({ y: y(value), label: value.toLocaleString('en-US') })),
    labels: [
      ...(first ? [{ x: 0, text: text(first.startsAt), anchor: 'start' as const }] : []),
      ...(last && end > 55 ? [{ x: end, text: text(last.startsAt), anchor: 'end' as const }] : []),
    ],
  }
}
