/** A complete subtree: the leaves `index · 2^level` to `(index + 1) · 2^level`. */
export type Subtree = { readonly level: number; readonly index: number }

/**
 * The fewest complete subtrees that make up the leaves `from` (included) to `to` (excluded), from left to right. Those of a whole tree
 * are its compact range; those beside a range of leaves are what leads from the range to the root.
 */
export function alignedSubtrees(from: number, to: number): Subtree[] {
  const subtrees: Subtree[] = []
  for (let at = from; at < to;) {
    let level = 0
    let size = 1
    while (at % (size * 2) === 0 && at + size * 2 <= to) {
      size *= 2
      level += 1
    }
    subtrees.push({ level, index: at / size })
    at += size
  }
  return subtrees
}
