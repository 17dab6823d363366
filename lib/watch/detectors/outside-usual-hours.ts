import { quantile } from '#lib/watch/statistics/quantile.ts'
import { learnedDays, usualDays } from '#lib/watch/usual-days.ts'
import type { AccessDetector } from './detector.ts'

const minutesEarly = 60
const minutesLate = 150
const weight = 3

/**
 * D8: unexplained, and more than an hour before or two and a half hours after this person's own hours. There is no roster here:
 * the hours are learned, from the 5th percentile of first to the 95th of last accesses of 28 days at work, ten at least.
 */
export const outsideUsualHours: AccessDetector = {
  rule: 'D8',
  title: 'Outside usual hours',
  say: ({ minute = 0, from = 0, to = 0 }) =>
    `Opened at ${clockTime(minute)}; this person usually works from ${clockTime(from)} to ${clockTime(to)}.`,
  detect: ({ firstMinute, lastMinute }, isExplained, history) => {
    const past = usualDays(history)
    if (isExplained || past.length < learnedDays) return null
    const from = quantile(
      past.map((each) => each.firstMinute),
      0.05,
    )
    const to = quantile(
      past.map((each) => each.lastMinute),
      0.95,
    )
    const minute =
      firstMinute < from - minutesEarly ? firstMinute : lastMinute > to + minutesLate ? lastMinute : null
    return minute === null ? null : { weight, numbers: { minute, from, to } }
  },
}

function clockTime(minute: number): string {
  const whole = Math.round(minute)
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`
}
