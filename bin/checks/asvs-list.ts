import { authentication } from './asvs-authentication.ts'
import { factorLifecycle } from './asvs-factors.ts'
import { federation } from './asvs-federation.ts'
import type { Evidence, Requirement } from './asvs-requirement.ts'
import { sessions } from './asvs-sessions.ts'

/** Chapters V6, V7 and V10 of OWASP ASVS 5.0.0, requirement by requirement. */
export const asvs: readonly Requirement[] = [
  ...authentication,
  ...factorLifecycle,
  ...sessions,
  ...federation,
]

/** How many requirements each section of the standard has: what the list is held against, so that none is forgotten. */
export const sectionSizes: Readonly<Record<string, number>> = {
  '6.1': 3,
  '6.2': 12,
  '6.3': 8,
  '6.4': 6,
  '6.5': 8,
  '6.6': 4,
  '6.7': 2,
  '6.8': 4,
  '7.1': 3,
  '7.2': 4,
  '7.3': 2,
  '7.4': 5,
  '7.5': 3,
  '7.6': 2,
  '10.1': 2,
  '10.2': 3,
  '10.3': 5,
  '10.4': 16,
  '10.5': 5,
  '10.6': 2,
  '10.7': 3,
}

/** The tests that show a requirement; none where it is shown otherwise or not at all. */
export const evidenceOf = (one: Requirement): readonly Evidence[] => ('shownBy' in one && one.shownBy) || []

/** The pages in which it is written down. */
export const pagesOf = (one: Requirement): readonly string[] => ('writtenIn' in one && one.writtenIn) || []

/** One word for what became of a requirement, as the table has it. */
export const verdictOf = (one: Requirement): 'passed' | 'written' | 'not applicable' | 'open' =>
  'open' in one
    ? 'open'
    : 'notApplicable' in one
      ? 'not applicable'
      : evidenceOf(one).length > 0
        ? 'passed'
        : 'written'
