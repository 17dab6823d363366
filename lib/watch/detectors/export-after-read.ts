import type { ActorDetector } from './detector.ts'

const exportedLeast = 5
const evenRunLeast = 20
const weight = 5

/**
 * D15: more records printed, exported or released in a day than the 99th percentile of the role, and five at least; or twenty
 * charts opened one after the other at an even pace, as a program would.
 */
export const exportAfterRead: ActorDetector = {
  rule: 'D15',
  title: 'Records taken out',
  say: ({ exported = 0, usual = 0, evenRun = 0 }) =>
    evenRun > 0
      ? `${evenRun} charts were opened one after the other at an even pace.`
      : `${exported} records were printed or exported in one day; 99 of 100 days of this role have ${usual.toFixed(0)} or fewer.`,
  detect: ({ exported, evenRun }, _history, { exportedP99 }) => {
    if (evenRun >= evenRunLeast) return { weight, numbers: { exported, evenRun } }
    if (exported < exportedLeast || exported <= exportedP99) return null
    return { weight, numbers: { exported, usual: exportedP99 } }
  },
}
