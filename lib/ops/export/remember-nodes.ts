import 'server-only'
import type { ReadNode } from '#lib/merkle/range-root.ts'
import type { Hash } from '#lib/merkle/tree-hash.ts'

const kept = 4096

/** Remembers the newest few thousand subtree roots: proofs of entries that lie near each other share most of them. */
export const rememberNodes = (readNode: ReadNode): ReadNode => {
  const known = new Map<string, Promise<Hash>>()
  return (level, index) => {
    const name = `${level}/${index}`
    const before = known.get(name)
    if (before) return before
    const asked = readNode(level, index)
    if (known.size >= kept) known.delete(known.keys().next().value ?? '')
    known.set(name, asked)
    return asked
  }
}
