import { dripAfter } from './detectors/slow-drip.ts'
import type { ActorDay, ActorHistory, PastDay } from './facts.ts'
import { comparedDays, guardDays } from './usual-days.ts'

/** The history with one more day at work; what is older than anything compared falls off. */
export function extendHistory(
  history: ActorHistory,
  day: Pick<ActorDay, 'day' | 'patients' | 'unexplained'>,
  hours: Pick<PastDay, 'firstMinute' | 'lastMinute'>,
): ActorHistory {
  const past: PastDay = { day: day.day, patients: day.patients, unexplained: day.unexplained, ...hours }
  return {
    days: [...history.days, past].slice(-(comparedDays + guardDays)),
    drip: dripAfter(day, history),
  }
}
