import type { AccessDetector } from './detector.ts'

const daysMost = 1
const weight = 5

/** D10: the glass was broken, and no visit or order of this person, and no visit at all, lies within a day of it. */
export const emergencyWithoutCare: AccessDetector = {
  rule: 'D10',
  title: 'Emergency access without an emergency',
  say: () => 'The record was opened in an emergency, and no visit or order is recorded within a day of it.',
  detect: ({ hasBrokenGlass, care }) => {
    const near = (days: number | null): boolean => days !== null && Math.abs(days) <= daysMost
    return !hasBrokenGlass || near(care.ownVisit) || near(care.anyVisit) || near(care.orderAge)
      ? null
      : { weight, numbers: {} }
  },
}
