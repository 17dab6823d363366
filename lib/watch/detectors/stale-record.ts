import type { AccessDetector } from './detector.ts'

const daysLeast = 548
const weight = 3

/** D13: unexplained, and the patient has had no visit for 18 months, or the record is closed. */
export const staleRecord: AccessDetector = {
  rule: 'D13',
  title: 'A record that nobody needs now',
  say: ({ days = -1, closed = 0 }) =>
    closed === 1
      ? 'The record is closed: the patient has died or left.'
      : days < 0
        ? 'The patient has never had a visit here.'
        : `The patient’s last visit was ${days} days before.`,
  detect: ({ ties: { visitAge, isClosed } }, isExplained) => {
    if (isExplained || (!isClosed && visitAge !== null && visitAge < daysLeast)) return null
    return { weight, numbers: { days: visitAge ?? -1, closed: isClosed ? 1 : 0 } }
  },
}
