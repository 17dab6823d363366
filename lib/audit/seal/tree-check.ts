import 'server-only'
import type { CompactRange } from '#lib/merkle/compact-range.ts'
import { rangeRoot, type ReadNode } from '#lib/merkle/range-root.ts'
import type { Hash } from '#lib/merkle/tree-hash.ts'
import type { Findings } from './findings.ts'
import type { StoredLeaf } from './read-leaves.ts'
import { isBefore } from './read-unsealed.ts'
import type { NodeCheck } from './check-nodes.ts'
import { MissingNode } from './read-node.ts'
import type { SignedRoot, SignedRoots } from './signed-roots.ts'

/** Builds the tree from the leaves as they stand and compares it at each size that was signed. */
export class TreeCheck {
  readonly #range: CompactRange
  readonly #roots: SignedRoots
  readonly #readNode: ReadNode
  readonly #findings: Findings
  readonly #nodes: NodeCheck
  /** holders whose first difference was told: all that follow differ too */
  readonly #told = new Set<string>()
  #lastIndex: number
  #last: StoredLeaf | undefined

  /** @param start the tree that is taken as given: the empty one, or one that was verified before */
  constructor(
    start: CompactRange,
    roots: SignedRoots,
    readNode: ReadNode,
    nodes: NodeCheck,
    findings: Findings,
  ) {
    this.#nodes = nodes
    this.#range = start.copy()
    this.#lastIndex = start.size - 1
    this.#roots = roots
    this.#readNode = readNode
    this.#findings = findings
  }

  get size(): number {
    return this.#range.size
  }

  get root(): Hash {
    return this.#range.root()
  }

  /** Appends a leaf; gives a promise where somebody signed the tree that it makes. */
  take(leaf: StoredLeaf): Promise<void> | undefined {
    if (leaf.index !== this.#range.size && leaf.index !== this.#lastIndex + 1)
      this.#findings.say('ROW_DELETED', leaf.index, null, `the leaves before ${leaf.index} are gone`)
    if (this.#last && this.#last.letter !== 'G' && !isBefore(this.#last, leaf))
      this.#findings.say('REORDERED', leaf.index, leaf.logId, 'this leaf stands behind a later row')
    this.#last = leaf
    this.#lastIndex = leaf.index
    this.#range.append(leaf.hash, this.#nodes.add)
    if (this.#nodes.isFull) return this.#compareNodes()
    return this.#roots.next <= this.#range.size ? this.compare() : undefined
  }

  /** Holds the tree as it is now against what was signed for it, and for smaller ones by whoever tells of them late. */
  async compare(): Promise<void> {
    const size = this.#range.size
    const bySize = Map.groupBy(await this.#roots.upTo(size), (signed) => signed.size)
    for (const [signedSize, signed] of bySize) {
      const isLate = signedSize !== size
      const stored = isLate ? await this.#roots.stored(signedSize) : undefined
      const root = isLate ? await this.#formerRoot(signedSize) : this.#range.root()
      this.#compareAll(root, stored ? [stored, ...signed] : signed)
    }
  }

  async #compareNodes(): Promise<void> {
    await this.#nodes.compare()
    if (this.#roots.next <= this.#range.size) await this.compare()
  }

  #compareAll(root: Hash | undefined, signed: readonly SignedRoot[]): void {
    const [first] = signed
    const other = signed.find((each) => first && !each.root.equals(first.root))
    if (first && other)
      this.#findings.say(
        'EQUIVOCATION',
        first.size - 1,
        null,
        `${first.holder} and ${other.holder} hold two signed roots for ${first.size} leaves`,
      )
    for (const { size, root: held, holder } of signed) {
      if (root?.equals(held) === true || this.#told.has(holder)) continue
      this.#told.add(holder)
      this.#findings.say(
        'HISTORY_REWRITTEN',
        size - 1,
        null,
        `the first ${size} leaves do not lead to the root that ${holder} holds`,
      )
    }
  }

  /** Root of a smaller tree, from what the database keeps; undefined when it lacks a part of that. */
  async #formerRoot(size: number): Promise<Hash | undefined> {
    try {
      return await rangeRoot(this.#readNode, 0, size)
    } catch (error) {
      if (error instanceof MissingNode) return undefined
      throw error
    }
  }

  /** Holds the end of it against the size that the database signed. */
  end(treeSize: number): void {
    if (this.#range.size < treeSize)
      this.#findings.say(
        'TRUNCATED_OR_ROLLED_BACK',
        this.#range.size,
        null,
        `${treeSize} leaves were signed, ${this.#range.size} are there`,
      )
  }
}
