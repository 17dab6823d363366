import type { ActorDetector } from './detector.ts'

const daysLeast = 60
const weight = 8

/** D14: an access after the account was closed, or after 60 days without one. */
export const dormantAccount: ActorDetector = {
  rule: 'D14',
  title: 'An account that was not in use',
  say: ({ afterEnd = 0, days = 0 }) =>
    afterEnd === 1
      ? 'The account was closed before this access.'
      : `The account had not been used for ${days} days.`,
  detect: ({ idleDays, isAfterEnd }) =>
    !isAfterEnd && (idleDays === null || idleDays < daysLeast)
      ? null
      : { weight, numbers: { days: idleDays ?? 0, afterEnd: isAfterEnd ? 1 : 0 } },
}
