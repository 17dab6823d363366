import type { AccessDetector } from './detector.ts'

const weight = 4

/** D4: unexplained, and the patient works here; one more in the same team. */
export const colleague: AccessDetector = {
  rule: 'D4',
  title: 'A colleague’s record',
  say: ({ sameTeam = 0 }) =>
    sameTeam === 1 ? 'The patient works here, in the same team.' : 'The patient works here.',
  detect: ({ ties }, isExplained) =>
    isExplained || !ties.isColleague
      ? null
      : { weight: weight + (ties.isSameTeam ? 1 : 0), numbers: { sameTeam: ties.isSameTeam ? 1 : 0 } },
}
