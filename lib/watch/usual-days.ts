import type { ActorHistory, PastDay } from './facts.ts'

/** Days at work that a person is compared with, and the newest ones that are left out of the comparison. */
export const comparedDays = 28
export const guardDays = 14
/** With fewer days at work than this nothing is usual yet, and rules that compare say nothing. */
export const learnedDays = 10

/**
 * The 28 days at work before the last 14: somebody who begins to look at too much does not become the measure of what is usual
 * for them. As long as there are fewer than 28 in all, all are compared.
 */
export function usualDays({ days }: ActorHistory): readonly PastDay[] {
  const end = Math.max(Math.min(days.length, comparedDays), days.length - guardDays)
  return days.slice(Math.max(0, end - comparedDays), end)
}
