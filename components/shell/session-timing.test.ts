import { describe, expect, test } from 'vitest'
import {
  heartbeatDelay,
  isLater,
  nextAnnouncementIn,
  phaseAt,
  planSession,
  spokenText,
} from './session-timing.ts'

const minute = 60_000
/** Ten minutes ahead of the browser: a demo clock that was moved, or a browser that is wrong. */
const serverNow = 5_000_000
const receivedAt = serverNow - 10 * minute
const times = {
  serverNow,
  idleExpiresAt: serverNow + 15 * minute,
  absoluteExpiresAt: serverNow + 8 * 60 * minute,
}
const plan = planSession(times, receivedAt)

describe('a session of fifteen minutes', () => {
  test.each([
    ['12:59', 12 * minute + 59_000, 'open'],
    ['13:00', 13 * minute, 'warned'],
    ['14:59', 14 * minute + 59_000, 'warned'],
    ['15:00', 15 * minute, 'over'],
  ])('at %s after its last use is %s', (_, elapsed, phase) => {
    expect(phaseAt(plan, receivedAt + elapsed)).toBe(phase)
  })

  test('can be extended, until the absolute end is nearer than the idle one', () => {
    expect(plan.canExtend).toBe(true)
    const late = planSession({ ...times, absoluteExpiresAt: serverNow + 5 * minute }, receivedAt)
    expect(late).toEqual({
      warnAt: receivedAt + 3 * minute,
      endAt: receivedAt + 5 * minute,
      canExtend: false,
    })
  })

  test('is over at once when the server says it has ended before', () => {
    expect(phaseAt(planSession({ ...times, idleExpiresAt: serverNow - 1 }, receivedAt), receivedAt)).toBe(
      'over',
    )
  })
})

test('an answer is news only if the server itself moved the end', () => {
  expect(isLater(times, times)).toBe(false)
  expect(isLater({ ...times, serverNow: serverNow + 5 * minute }, times)).toBe(false)
  expect(isLater({ ...times, idleExpiresAt: times.idleExpiresAt + 30_000 }, times)).toBe(true)
  const atTheLimit = { ...times, absoluteExpiresAt: times.idleExpiresAt }
  expect(isLater({ ...atTheLimit, idleExpiresAt: times.idleExpiresAt + minute }, atTheLimit)).toBe(false)
})

test('a use is reported at once, then at most once a minute, and never lost', () => {
  expect(heartbeatDelay(-Infinity, 7)).toBe(0)
  expect(heartbeatDelay(1000, 1000)).toBe(minute)
  expect(heartbeatDelay(1000, 41_000)).toBe(20_000)
  expect(heartbeatDelay(1000, 600_000)).toBe(0)
})

test('the remaining time is spoken at two minutes, one minute and twenty seconds, and not between', () => {
  const heard: [number, string][] = []
  for (let now = plan.warnAt - 5000; now < plan.endAt; now += 1000) {
    const text = spokenText(plan, now)
    if (text !== (heard.at(-1)?.[1] ?? '')) heard.push([(plan.endAt - now) / 1000, text])
  }
  expect(heard).toEqual([
    [120, 'You will be signed out in 2 minutes.'],
    [60, 'You will be signed out in 1 minute.'],
    [20, 'You will be signed out in 20 seconds.'],
  ])
})

test('a timer set for the next announcement wakes exactly three times and at the end', () => {
  const wakes: number[] = []
  let now = plan.warnAt - 1
  while (phaseAt(plan, now) !== 'over') {
    now += nextAnnouncementIn(plan, now)
    wakes.push((plan.endAt - now) / 1000)
  }
  expect(wakes).toEqual([120, 60, 20, 0])
})
