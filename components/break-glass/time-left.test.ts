import { expect, test } from 'vitest'
import { timeLeft } from './time-left.ts'

const minute = 60_000

test.each([
  ['both clocks go on', { wall: 20, running: 20 }, 40],
  ['a laptop sleeps', { wall: 61, running: 1 }, -1],
  ['the clock on the wall is set back', { wall: -180, running: 20 }, 40],
])('an hour that %s ends no later than it should', (_, passed, left) => {
  const at = { wall: 1_700_000_000_000, running: 5 }
  const ask = timeLeft(60 * minute, { wall: () => at.wall, running: () => at.running })
  expect(ask()).toBe(60 * minute)
  at.wall += passed.wall * minute
  at.running += passed.running * minute
  expect(ask()).toBe(left * minute)
})
