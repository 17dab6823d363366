import { expect, test } from 'vitest'
import { activityView } from './activity-view.ts'

const zone = 'America/Chicago'

test('quiet intervals are there, from the first of the period to its last', () => {
  const rows = [{ unit: 'day' as const, starts_at: '2026-11-02T00:00', entries: '12', refused: '2' }]
  const period = { from: '2026-10-31T12:00:00Z', to: '2026-11-04T06:00:00Z', zone }
  expect(activityView(rows, period)?.bars).toEqual([
    { startsAt: '2026-10-31T00:00', entries: 0, refused: 0 },
    { startsAt: '2026-11-01T00:00', entries: 0, refused: 0 },
    { startsAt: '2026-11-02T00:00', entries: 12, refused: 2 },
    { startsAt: '2026-11-03T00:00', entries: 0, refused: 0 },
  ])
})

test('hours and months are counted on the same wall clock, over the change of the clocks too', () => {
  const hour = [{ unit: 'hour' as const, starts_at: '2026-11-01T01:00', entries: '3', refused: '0' }]
  const night = { from: '2026-11-01T05:00:00Z', to: '2026-11-01T09:00:00Z', zone }
  expect(activityView(hour, night)?.bars.map((bar) => [bar.startsAt.slice(11), bar.entries])).toEqual([
    ['00:00', 0],
    ['01:00', 3],
    ['02:00', 0],
  ])
  const month = [{ unit: 'month' as const, starts_at: '2026-01-01T00:00', entries: '1', refused: '0' }]
  const year = { from: '2025-12-15T00:00:00Z', to: '2026-03-01T06:00:00Z', zone }
  expect(activityView(month, year)?.bars.map((bar) => bar.startsAt.slice(0, 7))).toEqual([
    '2025-12',
    '2026-01',
    '2026-02',
  ])
  expect(activityView([], year)).toBeNull()
})
