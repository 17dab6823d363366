import { emptyRoot, nodeHash, type Hash } from './tree-hash.ts'

/**
 * A tree that is only appended to, kept as the roots of its complete subtrees: what a sealer has to remember to go on. A
 * tree of 10 million leaves takes 24 hashes at most.
 */
export class CompactRange {
  #size: number
  /** roots of complete subtrees, the largest first; their sizes are the binary digits of `size` */
  readonly #roots: Hash[]

  /** @throws Error when the number of roots does not fit the size */
  constructor(size = 0, roots: readonly Hash[] = []) {
    if (roots.length !== digits(size))
      throw new Error('a compact range has one root per binary digit of its size')
    this.#size = size
    this.#roots = [...roots]
  }

  get size(): number {
    return this.#size
  }

  get roots(): readonly Hash[] {
    return this.#roots
  }

  /**
   * Appends the hash of a leaf.
   * @param onNode hears of every subtree that this leaf completes: its height, its place among those of the height, its root
   */
  append(leaf: Hash, onNode?: (level: number, index: number, hash: Hash) => void): void {
    let hash = leaf
    let level = 0
    for (let before = this.#size; before % 2 === 1; before = (before - 1) / 2) {
      const left = this.#roots.pop()
      if (!left) throw new Error('a compact range lost a root')
      hash = nodeHash(left, hash)
      level += 1
      onNode?.(level, (before - 1) / 2, hash)
    }
    this.#roots.push(hash)
    this.#size += 1
  }

  /** Root hash of the whole tree. */
  root(): Hash {
    if (this.#roots.length === 0) return emptyRoot
    return this.#roots.reduceRight((right, left) => nodeHash(left, right))
  }

  copy(): CompactRange {
    return new CompactRange(this.#size, this.#roots)
  }
}

function digits(size: number): number {
  let count = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2
  return count
}
