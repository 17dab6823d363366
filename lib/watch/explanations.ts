import type { AccessDay } from './facts.ts'

export const explanationTags = ['E1', 'E2', 'E3', 'E4', 'E5', 'E6', 'E7', 'E8', 'E9'] as const
export type ExplanationTag = (typeof explanationTags)[number]

/** A reason that documented care gives for an access. */
type Explanation = {
  /** what is missing when it does not hold */
  readonly about: string
  /** it says something of the access and excuses nothing */
  readonly isRemark?: true
  readonly holds: (access: AccessDay) => boolean
}

const within = (days: number | null, from: number, to: number): boolean =>
  days !== null && days >= from && days <= to

/** Age of something that lies behind: not in the future, and not older than so many days. */
const since = (age: number | null, days: number): boolean => within(age, 0, days)

/**
 * The nine explanations. Windows are those of Fabbri & LeFevre (arXiv 1109.6880) and Hedda et al. (PMC5977720), as far as this
 * product keeps what they speak of; docs/watching.md says where each fact is taken from.
 */
export const explanations: Readonly<Record<ExplanationTag, Explanation>> = {
  E1: {
    about: 'a visit with this person within 30 days before or 14 days after',
    holds: ({ care }) => within(care.ownVisit, -30, 14),
  },
  E2: {
    about: 'a visit with the same team within 14 days',
    holds: ({ care, role }) => role !== 'billing' && within(care.teamVisit, -14, 14),
  },
  E3: {
    about: 'an order or entry by this person within 60 days',
    holds: ({ care }) => since(care.orderAge, 60),
  },
  E4: {
    about: 'an assignment by a colleague within 14 days',
    holds: ({ care }) => since(care.assignmentAge, 14),
  },
  E5: {
    about: 'an open claim within 60 days',
    holds: ({ care, role }) => role === 'billing' && since(care.claimAge, 60),
  },
  E6: {
    about: 'desk work around a visit',
    holds: ({ care, isDeskWork }) => isDeskWork && within(care.anyVisit, -7, 30),
  },
  // Never a repeat of an unexplained access, and never a repeat of a repeat: snooping would explain itself.
  E7: {
    about: 'an explained access of the same two within 90 days',
    holds: ({ care }) => since(care.explainedAge, 90),
  },
  E8: { about: 'a release of the record that was asked for', holds: ({ care }) => care.isRelease },
  E9: { about: 'emergency access', isRemark: true, holds: ({ hasBrokenGlass }) => hasBrokenGlass },
}
