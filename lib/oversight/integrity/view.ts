/** How the seal of the trail stands, for the page that shows it. Instants are ISO. */
export type IntegrityView = {
  readonly entries: number
  readonly sealedAt: string | null
  /** entries that a check has reached, and when */
  readonly verified: { readonly entries: number; readonly at: string; readonly ok: boolean } | null
  /** entries have waited to be sealed for more than a minute */
  readonly isStale: boolean
  /** the check that runs now, or waits to begin */
  readonly run: {
    readonly mode: 'full' | 'since'
    readonly hasStarted: boolean
    /** 0 to 100 */
    readonly percent: number
    readonly isSilent: boolean
  } | null
  /** when the last check broke off, if it did */
  readonly brokenOffAt: string | null
  readonly findings: readonly FindingView[]
  readonly history: readonly VerificationView[]
  readonly places: readonly PlaceView[]
  /** how many witnesses there are, and how many must have signed; null without any */
  readonly witnesses: {
    readonly count: number
    readonly quorum: number
    readonly publishedEntries: number
  } | null
  readonly checkpoints: readonly CheckpointView[]
  readonly trees: readonly TreeView[]
}

export type FindingView = {
  readonly key: number
  readonly title: string
  /** what it is about: an entry, a place, or nothing more */
  readonly where: string
  readonly detail: string
  readonly next: string
}

export type VerificationView = {
  readonly id: number
  readonly what: string
  readonly why: string
  readonly entries: number
  readonly ok: boolean
  readonly findings: number
  readonly seconds: number
  readonly at: string
  /** places that gave no answer */
  readonly unreached: readonly string[]
}

export type PlaceView = {
  readonly name: string
  readonly what: string
  readonly entries: number | null
  readonly at: string | null
  readonly state: 'good' | 'away' | 'differs'
  readonly since: string | null
}

export type CheckpointView = {
  readonly entries: number
  readonly root: string
  readonly at: string
  readonly keptBy: readonly string[]
}

export type TreeView = { readonly number: number; readonly startedAt: string; readonly reason: string | null }
