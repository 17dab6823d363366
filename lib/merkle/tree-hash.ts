import { createHash } from 'node:crypto'

/** A SHA-256 hash: 32 bytes. */
export type Hash = Buffer

/** Hash of a tree without leaves (RFC 6962 §2.1). */
export const emptyRoot: Hash = createHash('sha256').digest()

const leafPrefix = Buffer.of(0)
const nodePrefix = Buffer.of(1)

/** Hash of a leaf, SHA-256(0x00 ‖ data): the prefix keeps a node from being passed off as a leaf (RFC 6962 §2.1). */
export function leafHash(data: Uint8Array | string): Hash {
  return createHash('sha256').update(leafPrefix).update(data).digest()
}

/** Hash of a node over its two children, SHA-256(0x01 ‖ left ‖ right) (RFC 6962 §2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Hash {
  return createHash('sha256').update(nodePrefix).update(left).update(right).digest()
}

/** The largest power of two below a size above one: where a tree of that size is divided (RFC 6962 §2.1). */
export function splitPoint(size: number): number {
  let half = 1
  while (half * 2 < size) half *= 2
  return half
}
