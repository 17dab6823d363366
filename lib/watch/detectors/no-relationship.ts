import type { AccessDetector } from './detector.ts'

/** D1: none of E1 to E8 holds. Common by itself, so it weighs 1 and makes no case alone. */
export const noRelationship: AccessDetector = {
  rule: 'D1',
  title: 'Nothing documented explains it',
  say: ({ accesses = 0 }) =>
    `${accesses} accesses, and no visit, order, assignment or claim that would explain them.`,
  detect: ({ accesses }, isExplained) => (isExplained ? null : { weight: 1, numbers: { accesses } }),
}
