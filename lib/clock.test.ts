import { expect, it } from 'vitest'
import { clockAhead, now, nowMilliseconds, replaceClock } from './clock.ts'

it('the clock can be replaced and put back', () => {
  const restore = replaceClock({ now: () => new Date(0) })
  expect([now().toISOString(), nowMilliseconds()]).toEqual(['1970-01-01T00:00:00.000Z', 0])
  restore()
  expect(nowMilliseconds()).toBeGreaterThan(1e12)
})

it('a clock ahead keeps running', () => {
  const wall = nowMilliseconds()
  const ahead =
    clockAhead(16 * 60_000)
      .now()
      .getTime() - wall
  expect(ahead).toBeGreaterThanOrEqual(960_000)
  expect(ahead).toBeLessThan(965_000)
})
