import 'server-only'

/**
 * A place outside the database that keeps what was signed. A database put back from an old backup, or rewritten by
 * somebody who stole the sealing key, differs from what an anchor holds.
 */
export interface Anchor {
  /** `file`, `witness …`, `bucket …`: as it stands in audit.anchor_receipt */
  readonly id: string
  /** The newest checkpoint that it holds, as a signed note. */
  newest(): Promise<string | undefined>
  /** Every checkpoint that it holds, oldest first. */
  all(): AsyncIterable<string>
  /**
   * Hands it a checkpoint; on return it is kept for good.
   * @returns what the anchor answered (a cosignature), or null
   */
  keep(note: string): Promise<string | null>
}
