import { explanations, explanationTags, type ExplanationTag } from './explanations.ts'
import type { AccessDay } from './facts.ts'

export type Explained = {
  readonly tags: readonly ExplanationTag[]
  /** one of E1 to E8 holds */
  readonly isExplained: boolean
  /** one of them other than E7 holds: only such an access can explain a later one */
  readonly isInItsOwnRight: boolean
}

/** Says what documented care stands behind an access. */
export function explainAccess(access: AccessDay): Explained {
  const tags = explanationTags.filter((tag) => explanations[tag].holds(access))
  const excuses = tags.filter((tag) => explanations[tag].isRemark === undefined)
  return { tags, isExplained: excuses.length > 0, isInItsOwnRight: excuses.some((tag) => tag !== 'E7') }
}
