import { hash as digest } from 'node:crypto'

/** A SHA-256 hash: 32 bytes. */
export type Hash = Buffer

/** Hash of a tree without leaves (RFC 6962 §2.1). */
export const emptyRoot: Hash = digest('sha256', '', 'buffer')

const leafPrefix = Buffer.of(0)

/** A digest asked for as bytes comes with memory of its own, whose making and freeing costs as much as the hashing. */
function sha256(data: Uint8Array | string): Hash {
  return Buffer.from(digest('sha256', data, 'binary'), 'latin1')
}

/** Hash of a leaf, SHA-256(0x00 ‖ data): the prefix keeps a node from being passed off as a leaf (RFC 6962 §2.1). */
export function leafHash(data: Uint8Array | string): Hash {
  // U+0000 is one byte 0x00 in UTF-8.
  return sha256(typeof data === 'string' ? `\0${data}` : Buffer.concat([leafPrefix, data]))
}

/** Bytes of a node, filled anew for each: a tree has as many nodes as leaves. */
const nodeBytes = Buffer.alloc(65, 1)

/** Hash of a node over its two children, SHA-256(0x01 ‖ left ‖ right) (RFC 6962 §2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Hash {
  if (left.length !== 32 || right.length !== 32) throw new RangeError('a node is made of two hashes')
  nodeBytes.set(left, 1)
  nodeBytes.set(right, 33)
  return sha256(nodeBytes)
}

/** The largest power of two below a size above one: where a tree of that size is divided (RFC 6962 §2.1). */
export function splitPoint(size: number): number {
  let half = 1
  while (half * 2 < size) half *= 2
  return half
}
