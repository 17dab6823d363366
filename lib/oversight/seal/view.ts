/** What a compliance officer is told of the seal: one of these, and when. */
export type SealView = {
  /** `changed`: the last verification found something. `stale`: entries wait. `unverified`: sealed, and not yet checked. */
  readonly state: 'intact' | 'changed' | 'stale' | 'unverified' | 'none'
  readonly verifiedLeaves: number | null
  /** ISO instant */
  readonly verifiedAt: string | null
}
