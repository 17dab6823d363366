import 'server-only'

/**
 * A place outside the database that keeps what was signed. A database put back from an old backup, or rewritten by
 * somebody who stole the sealing key, differs from what an anchor holds.
 */
export interface Anchor {
  /** `file`, `witness …`, `bucket …`: as it stands in audit.anchor_receipt */
  readonly id: string
  /** The newest checkpoint that it holds, as a signed note. @throws AnchorAway */
  newest(): Promise<string | undefined>
  /**
   * Every checkpoint that it gives out, oldest first, one at a time: there may be more of them than fit in memory. What it gets
   * after the first one was asked for is not among them. @throws AnchorAway
   */
  all(): AsyncIterable<string>
  /**
   * Hands it a checkpoint; on return it is kept for good.
   * @returns what the anchor answered (a cosignature), or null
   * @throws AnchorAway, AnchorDiffers
   */
  keep(note: string): Promise<string | null>
}

/** An anchor that gives no answer now, or one that means nothing: what it holds is not known. */
export class AnchorAway extends Error {
  override readonly name = 'AnchorAway'
}

/** An anchor that holds another history than the one it was asked to keep on with. */
export class AnchorDiffers extends Error {
  override readonly name = 'AnchorDiffers'
}
