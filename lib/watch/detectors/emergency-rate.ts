import type { ActorDetector } from './detector.ts'

const atLeast = 3
const weight = 4

/** D10, second part: more emergency accesses in a day than the 99th percentile of the role, and three at least. */
export const emergencyRate: ActorDetector = {
  rule: 'D10R',
  title: 'Many emergency accesses',
  say: ({ brokenGlasses = 0, usual = 0 }) =>
    `${brokenGlasses} emergency accesses in one day; 99 of 100 days of this role have ${usual.toFixed(0)} or fewer.`,
  detect: ({ brokenGlasses }, _history, { brokenGlassesP99: usual }) =>
    brokenGlasses < atLeast || brokenGlasses <= usual ? null : { weight, numbers: { brokenGlasses, usual } },
}
