import { median } from '#lib/watch/statistics/median.ts'
import { robustSpread } from '#lib/watch/statistics/robust-spread.ts'
import { learnedDays, usualDays } from '#lib/watch/usual-days.ts'
import type { ActorDetector } from './detector.ts'

const spreadsLeast = 6
const patientsLeast = 30
const spreadFloor = 3
const weight = 6

/**
 * D6: far more patients than usual for this person: (n − median) / max(3, 1.4826 · MAD) over 28 days at work is above 6, and n is
 * 30 or more. A day on which nearly all is explained (a vaccination drive) is no case.
 */
export const volumeSpike: ActorDetector = {
  rule: 'D6',
  title: 'Far more patients than usual',
  say: ({ patients = 0, unexplained = 0, usual = 0 }) =>
    `${patients} patients in one day, ${unexplained} of them unexplained; usual for this person is ${usual.toFixed(0)}.`,
  detect: ({ patients, unexplained }, history) => {
    const past = usualDays(history).map((each) => each.patients)
    if (past.length < learnedDays) return null
    const usual = median(past)
    const spread = Math.max(spreadFloor, robustSpread(past))
    if (patients < patientsLeast || unexplained < patients / 5 || (patients - usual) / spread <= spreadsLeast)
      return null
    return { weight, numbers: { patients, unexplained, usual } }
  },
}
