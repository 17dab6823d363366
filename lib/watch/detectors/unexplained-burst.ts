import { mean } from '#lib/watch/statistics/mean.ts'
import { poissonTail } from '#lib/watch/statistics/poisson-tail.ts'
import { learnedDays, usualDays } from '#lib/watch/usual-days.ts'
import type { ActorDetector } from './detector.ts'

const chanceMost = 1e-6
const patientsLeast = 6
const rateFloor = 0.5
const weight = 6

/** D7: unexplained patients in one day whose Poisson probability, given this person's mean of 28 days at work (at least 0.5), is below one in a million; six or more. */
export const unexplainedBurst: ActorDetector = {
  rule: 'D7',
  title: 'A burst of unexplained accesses',
  say: ({ unexplained = 0, usual = 0 }) =>
    `${unexplained} records without an explanation in one day; usual for this person is ${usual.toFixed(1)}.`,
  detect: ({ unexplained }, history) => {
    const past = usualDays(history).map((each) => each.unexplained)
    if (past.length < learnedDays) return null
    const usual = mean(past)
    if (unexplained < patientsLeast || poissonTail(unexplained, Math.max(rateFloor, usual)) >= chanceMost)
      return null
    return { weight, numbers: { unexplained, usual } }
  },
}
