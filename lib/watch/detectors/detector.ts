import type { AccessDay, ActorDay, ActorHistory, RoleNorms } from '#lib/watch/facts.ts'

export const accessRules = ['D1', 'D2', 'D3', 'D4', 'D5', 'D8', 'D10', 'D13'] as const
export const actorRules = ['D6', 'D7', 'D9', 'D10R', 'D11', 'D12', 'D14', 'D15'] as const
export type Rule = (typeof accessRules)[number] | (typeof actorRules)[number]

/** What a rule found: how much it weighs, and the numbers that a reviewer is shown. */
export type Finding = {
  readonly rule: Rule
  readonly weight: number
  readonly numbers: Readonly<Record<string, number>>
}

type Described = {
  readonly rule: Rule
  /** a few words, as the head of a line */
  readonly title: string
  /** the finding as a sentence, with its numbers and what they are measured against */
  readonly say: (numbers: Readonly<Record<string, number>>) => string
}

/** Looks at what one person did with one record. `isExplained`: documented care stands behind it. */
export type AccessDetector = Described & {
  readonly detect: (
    access: AccessDay,
    isExplained: boolean,
    history: ActorHistory,
  ) => Omit<Finding, 'rule'> | null
}

/** Looks at a person's whole day. */
export type ActorDetector = Described & {
  readonly detect: (day: ActorDay, history: ActorHistory, norms: RoleNorms) => Omit<Finding, 'rule'> | null
}
