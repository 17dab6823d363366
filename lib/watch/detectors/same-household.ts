import type { AccessDetector } from './detector.ts'

const householdWeight = 6
const streetWeight = 3

/** D3: unexplained, and the keyed tokens of the two households are equal (weight 6), or those of their streets (weight 3). */
export const sameHousehold: AccessDetector = {
  rule: 'D3',
  title: 'Same household or street',
  say: ({ household = 0 }) =>
    household === 1 ? 'They live in the same household.' : 'They live in the same street.',
  detect: ({ ties }, isExplained) => {
    if (isExplained || !(ties.isSameHousehold || ties.isSameStreet)) return null
    return ties.isSameHousehold
      ? { weight: householdWeight, numbers: { household: 1 } }
      : { weight: streetWeight, numbers: { household: 0 } }
  },
}
