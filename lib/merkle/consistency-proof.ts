import { rangeRoot, type ReadNode } from './range-root.ts'
import { nodeHash, splitPoint, type Hash } from './tree-hash.ts'

/**
 * The hashes that show that a tree of `size` leaves begins with the tree of `former` leaves (RFC 6962 §2.1.2).
 * @throws RangeError unless 1 ≤ former ≤ size
 */
export async function consistencyProof(readNode: ReadNode, former: number, size: number): Promise<Hash[]> {
  if (!Number.isSafeInteger(former) || former < 1 || former > size)
    throw new RangeError('no such former tree')
  const proof: Hash[] = []
  let from = 0
  let to = size
  let whole = true
  while (former !== to) {
    const middle = from + splitPoint(to - from)
    if (former <= middle) {
      proof.push(await rangeRoot(readNode, middle, to))
      to = middle
    } else {
      proof.push(await rangeRoot(readNode, from, middle))
      from = middle
      whole = false
    }
  }
  if (!whole) proof.push(await rangeRoot(readNode, from, to))
  return proof.reverse()
}

/** Whether a tree of `size` leaves and this root begins with the former tree (RFC 9162 §2.1.4.2). */
export function isConsistent(
  former: { size: number; root: Hash },
  present: { size: number; root: Hash },
  proof: readonly Hash[],
): boolean {
  if (former.size < 1 || former.size > present.size) return false
  if (former.size === present.size) return proof.length === 0 && former.root.equals(present.root)
  const path = isPowerOfTwo(former.size) ? [former.root, ...proof] : [...proof]
  const [first, ...rest] = path
  if (!first) return false
  let at = former.size - 1
  let last = present.size - 1
  while (at % 2 === 1) {
    at = (at - 1) / 2
    last = Math.floor(last / 2)
  }
  let oldRoot = first
  let newRoot = first
  for (const sibling of rest) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      oldRoot = nodeHash(sibling, oldRoot)
      newRoot = nodeHash(sibling, newRoot)
      while (at % 2 === 0 && at !== 0) {
        at /= 2
        last = Math.floor(last / 2)
      }
    } else {
      newRoot = nodeHash(newRoot, sibling)
    }
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && oldRoot.equals(former.root) && newRoot.equals(present.root)
}

function isPowerOfTwo(size: number): boolean {
  return Number.isInteger(Math.log2(size))
}
