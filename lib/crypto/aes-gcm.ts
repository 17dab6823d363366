import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'

import { nonceLength, tagLength } from './cell-format.ts'

/** Passed to every cipher: without it Node accepts a tag cut down to four bytes. */
const options = { authTagLength: tagLength }

/**
 * Encrypts once: AES-256-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag, in place. `sealed` is
 * nonce ‖ room for the ciphertext ‖ room for the tag; the caller has put a nonce into it that this key never had.
 */
export function gcmSeal(
  key: KeyObject,
  sealed: Buffer,
  at: number,
  aad: Uint8Array,
  plain: Uint8Array,
): void {
  const cipher = createCipheriv('aes-256-gcm', key, sealed.subarray(at, at + nonceLength), options)
  cipher.setAAD(aad)
  sealed.set(cipher.update(plain), at + nonceLength)
  cipher.final()
  sealed.set(cipher.getAuthTag(), at + nonceLength + plain.length)
}

/**
 * Decrypts once.
 * @returns the plaintext, or undefined when key, nonce, associated data, ciphertext and tag do not all belong together: bytes
 *   that nothing vouches for are overwritten and never handed out
 */
export function gcmOpen(
  key: KeyObject,
  nonce: Uint8Array,
  aad: Uint8Array,
  ciphertext: Uint8Array,
  tag: Uint8Array,
): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, options)
  decipher.setAAD(aad)
  decipher.setAuthTag(tag)
  const unverified = decipher.update(ciphertext)
  try {
    decipher.final()
  } catch {
    unverified.fill(0)
    return undefined
  }
  return unverified
}
