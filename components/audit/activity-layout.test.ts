import { expect, test } from 'vitest'
import { activityLayout, chartHeight } from './activity-layout.ts'

const bars = (...counts: [number, number][]) =>
  counts.map(([entries, refused], index) => ({
    startsAt: `2026-11-${String(index + 1).padStart(2, '0')}T00:00`,
    entries,
    refused,
  }))

test('bars stand on zero, the highest reaches the top, and nothing that happened is invisible', () => {
  const layout = activityLayout({ unit: 'day', bars: bars([100_000, 1], [0, 0], [50_000, 50_000]) })
  expect(layout.bars.map((bar) => bar.y + bar.height)).toEqual([chartHeight, chartHeight, chartHeight])
  expect(layout.bars[0]).toMatchObject({ x: 0, y: 14, refusedHeight: 2 })
  expect(layout.bars[1]).toMatchObject({ height: 0, refusedHeight: 0 })
  expect(layout.bars[2]?.refusedHeight).toBe(layout.bars[2]?.height)
  expect(layout.labels).toEqual([{ x: 0, text: '2026-11-01', anchor: 'start' }])
})

test('two weeks reach from one side to the other', () => {
  const layout = activityLayout({
    unit: 'day',
    bars: bars(...Array.from({ length: 15 }, (): [number, number] => [1, 0])),
  })
  expect(layout.labels.map((label) => label.text)).toEqual(['2026-11-01', '2026-11-15'])
  expect((layout.bars.at(-1)?.x ?? 0) + (layout.bars.at(-1)?.width ?? 0)).toBeGreaterThan(90)
})

test('many bars fill the width, and both ends are dated', () => {
  const layout = activityLayout({
    unit: 'month',
    bars: bars(...Array.from({ length: 31 }, (): [number, number] => [1, 0])),
  })
  expect(layout.bars.at(-1)?.x).toBeLessThan(100)
  expect(layout.labels.map((label) => label.text)).toEqual(['2026-11', '2026-11'])
})
