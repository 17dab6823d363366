/** Roles that a review is about, and how often it comes again by itself. */
export type ReviewScope = 'privileged' | 'standard'

/** One review in the list. Times are ISO instants. */
export type ReviewListView = {
  readonly reviewId: string
  readonly scope: ReviewScope
  readonly title: string
  readonly startedAt: string
  /** null when it began by itself */
  readonly startedBy: string | null
  readonly dueAt: string
  readonly state: 'open' | 'to-sign' | 'signed'
  readonly stateText: string
  readonly accounts: number
  readonly unanswered: number
  readonly revoked: number
}

/** One account in a review. */
export type ReviewItemView = {
  readonly itemId: string
  readonly name: string
  readonly jobTitle: string
  /** when the review began */
  readonly roleName: string
  readonly presentRole: string
  /** what changed since it began, in words; null when nothing did */
  readonly changed: string | null
  readonly evidence: readonly { readonly label: string; readonly value: string }[]
  readonly lastUseAt: string | null
  /** what the role allows and was not used in 90 days, in words */
  readonly unused: readonly string[]
  readonly isSelf: boolean
  readonly answer: ReviewAnswerView | null
}

export type ReviewAnswerView = {
  readonly text: string
  readonly tone: 'ok' | 'warn' | 'bad' | 'neutral'
  readonly at: string
  /** null: nobody answered, and the deadline did */
  readonly by: string | null
  readonly note: string | null
}

export type ReviewView = {
  readonly reviewId: string
  readonly scope: ReviewScope
  readonly title: string
  readonly startedAt: string
  readonly startedBy: string | null
  readonly dueAt: string
  readonly closedAt: string | null
  readonly isOpen: boolean
  readonly unanswered: number
  readonly signature: {
    readonly at: string
    readonly by: string
    /** SHA-256 of the result, hexadecimal */
    readonly digest: string
    /** whether the answers as they stand still lead to it */
    readonly holds: boolean
  } | null
  readonly items: readonly ReviewItemView[]
}
