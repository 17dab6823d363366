import type { AccessDetector } from './detector.ts'

const weight = 5

/** D5: unexplained, and the record is marked as one that draws curiosity. */
export const confidentialRecord: AccessDetector = {
  rule: 'D5',
  title: 'Confidential record',
  say: () => 'The record is marked as confidential.',
  detect: ({ ties }, isExplained) => (isExplained || !ties.isConfidential ? null : { weight, numbers: {} }),
}
