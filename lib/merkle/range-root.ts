import { nodeHash, splitPoint, type Hash } from './tree-hash.ts'

/** Gives the root of a complete subtree: the one over leaves `index · 2^level` to `(index + 1) · 2^level`. */
export type ReadNode = (level: number, index: number) => Promise<Hash>

/** Root over the leaves `from` (included) to `to` (excluded), put together from complete subtrees. `from` is aligned. */
export async function rangeRoot(readNode: ReadNode, from: number, to: number): Promise<Hash> {
  const size = to - from
  const level = Math.log2(size)
  if (Number.isInteger(level)) return readNode(level, from / size)
  const half = splitPoint(size)
  return nodeHash(await rangeRoot(readNode, from, from + half), await rangeRoot(readNode, from + half, to))
}
