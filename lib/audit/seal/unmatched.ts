import 'server-only'
import type { Findings } from './findings.ts'
import type { StoredLeaf } from './read-leaves.ts'
import type { Leaf } from './seal-store.ts'

/** How many are kept to be paired; an emptied log has more than fit in memory, and then nothing is left to pair. */
const keptMax = 100_000

/** Rows without a leaf and leaves without a row; one id on both sides is a row whose place was changed. */
export class Unmatched {
  readonly #rows = new Map<string, Leaf>()
  readonly #leaves = new Map<string, StoredLeaf>()
  readonly #findings: Findings

  constructor(findings: Findings) {
    this.#findings = findings
  }

  row(leaf: Leaf): void {
    if (this.#rows.size < keptMax) this.#rows.set(leaf.logId ?? '', leaf)
    else this.#inserted(leaf.logId)
  }

  leaf(leaf: StoredLeaf): void {
    if (this.#leaves.size < keptMax) this.#leaves.set(leaf.logId ?? '', leaf)
    else this.#deleted(leaf)
  }

  tell(): void {
    for (const leaf of this.#leaves.values()) {
      if (leaf.logId !== null && this.#rows.delete(leaf.logId))
        this.#findings.say(
          'ROW_EDITED',
          leaf.index,
          leaf.logId,
          'the row was given another place in the order',
        )
      else this.#deleted(leaf)
    }
    for (const logId of this.#rows.keys()) this.#inserted(logId)
  }

  #inserted(logId: string | null): void {
    this.#findings.say('ROW_INSERTED', null, logId, 'the row stands among sealed ones and was never sealed')
  }

  #deleted({ index, logId }: StoredLeaf): void {
    this.#findings.say('ROW_DELETED', index, logId, 'the row of this leaf is gone')
  }
}
