import { rangeRoot, type ReadNode } from './range-root.ts'
import { nodeHash, splitPoint, type Hash } from './tree-hash.ts'

/**
 * The hashes that lead from a leaf to the root of a tree of this size (RFC 6962 §2.1.1).
 * @throws RangeError when the tree has no such leaf
 */
export async function inclusionProof(readNode: ReadNode, index: number, size: number): Promise<Hash[]> {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) throw new RangeError('no such leaf')
  const proof: Hash[] = []
  let from = 0
  let to = size
  while (to - from > 1) {
    const middle = from + splitPoint(to - from)
    if (index < middle) {
      proof.push(await rangeRoot(readNode, middle, to))
      to = middle
    } else {
      proof.push(await rangeRoot(readNode, from, middle))
      from = middle
    }
  }
  return proof.reverse()
}

/**
 * The root that an inclusion proof leads to (RFC 9162 §2.1.3.2); whoever knows the true root compares.
 * @returns undefined when the proof has not the length that index and size demand
 */
export function rootOfInclusion(
  leaf: Hash,
  index: number,
  size: number,
  proof: readonly Hash[],
): Hash | undefined {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return undefined
  let at = index
  let last = size - 1
  let hash = leaf
  for (const sibling of proof) {
    if (last === 0) return undefined
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash)
      while (at % 2 === 0 && at !== 0) {
        at /= 2
        last = Math.floor(last / 2)
      }
    } else {
      hash = nodeHash(hash, sibling)
    }
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 ? hash : undefined
}
