import type { PadBlock } from './cell-column.ts'

/*
 * ISO/IEC 7816-4: one 0x80, then zeros up to a multiple of the block. The padding lies inside the
 * ciphertext, so the tag covers it.
 */

/** Plaintext with its padding; at least one byte is always added. */
export function addPadding(plain: Buffer, block: Exclude<PadBlock, 0>): Buffer {
  const padded = Buffer.alloc(Math.ceil((plain.length + 1) / block) * block)
  plain.copy(padded)
  padded[plain.length] = 0x80
  return padded
}

/** Plaintext without its padding, or undefined when the padding is not in order. */
export function removePadding(padded: Buffer, block: Exclude<PadBlock, 0>): Buffer | undefined {
  if (padded.length === 0 || padded.length % block !== 0) return undefined
  let end = padded.length - 1
  while (end >= 0 && padded[end] === 0) end -= 1
  if (end < 0 || padded[end] !== 0x80 || padded.length - end > block) return undefined
  return padded.subarray(0, end)
}
