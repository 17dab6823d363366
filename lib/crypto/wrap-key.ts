import { gcmSeal } from './aes-gcm.ts'
import { nonceLength, tagLength } from './cell-format.ts'
import { keyContextAad, type KeyContext } from './key-context.ts'
import { takeNonce } from './nonce-pool.ts'
import { keyObjectOf, type SecretKey } from './secret-key.ts'

/** Bytes of a wrapped key: nonce ‖ key ‖ tag. */
export const wrappedLength = nonceLength + 32 + tagLength

/**
 * Encrypts a key under a key-encryption key: AES-256-GCM, bound to what the key is for and to the version that
 * wraps it.
 * @returns 60 bytes: nonce 12 ‖ ciphertext 32 ‖ tag 16
 */
export function wrapKey(
  wrapping: SecretKey,
  wrappingVersion: number,
  key: SecretKey,
  context: KeyContext,
): Uint8Array<ArrayBuffer> {
  const wrapped = Buffer.from(new ArrayBuffer(wrappedLength))
  takeNonce(wrapped, 0)
  const plain = keyObjectOf(key).export()
  gcmSeal(keyObjectOf(wrapping), wrapped, 0, keyContextAad(context, wrappingVersion), plain)
  plain.fill(0)
  return new Uint8Array(wrapped.buffer)
}
