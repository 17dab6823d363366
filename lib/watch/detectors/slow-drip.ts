import { mean } from '#lib/watch/statistics/mean.ts'
import type { ActorDay, ActorHistory } from '#lib/watch/facts.ts'
import { learnedDays, usualDays } from '#lib/watch/usual-days.ts'
import type { ActorDetector } from './detector.ts'

const slack = 1.5
const sumLeast = 18
const weight = 6

/**
 * One step of Page's cumulative sum (CUSUM, Biometrika 1954) over unexplained patients a day:
 * S = max(0, S + x − mean − 1.5). It forgets once it has reported, and counts nothing before ten days at work.
 */
export function dripAfter({ unexplained }: Pick<ActorDay, 'unexplained'>, history: ActorHistory): number {
  const past = usualDays(history).map((each) => each.unexplained)
  if (past.length < learnedDays) return 0
  const before = history.drip > sumLeast ? 0 : history.drip
  return Math.max(0, before + unexplained - mean(past) - slack)
}

/** D9: a few too many unexplained records a day, for weeks: the cumulative sum is above 18. No single day would show it. */
export const slowDrip: ActorDetector = {
  rule: 'D9',
  title: 'A little too much, for weeks',
  say: ({ sum = 0, usual = 0 }) =>
    `Unexplained records add up to ${sum.toFixed(0)} more than usual over the last weeks; usual for this person is ${usual.toFixed(1)} a day.`,
  detect: (day, history) => {
    const sum = dripAfter(day, history)
    if (sum <= sumLeast || day.unexplained === 0) return null
    return { weight, numbers: { sum, usual: mean(usualDays(history).map((each) => each.unexplained)) } }
  },
}
