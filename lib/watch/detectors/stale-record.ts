import type { AccessDetector } from './detector.ts'

const daysLeast = 548
const weight = 3

/** D13: unexplained, and the patient has had no visit for 18 months, or the record is closed. */
export const staleRecord: AccessDetector = {
  rule: 'D13',
  title: 'A record that nobody needs now',
  say: ({ days = 0, closed = 0 }) =>
    closed === 1
      ? 'The record is closed: the patient has died or left.'
      : `The patient was last here ${days} days before.`,
  detect: ({ ties: { visitAge, isClosed } }, isExplained) =>
    isExplained || (!isClosed && visitAge < daysLeast)
      ? null
      : { weight, numbers: { days: visitAge, closed: isClosed ? 1 : 0 } },
}
