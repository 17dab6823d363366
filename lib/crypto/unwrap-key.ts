import { gcmOpen } from './aes-gcm.ts'
import { nonceLength } from './cell-format.ts'
import { CryptoError } from './crypto-error.ts'
import { keyContextAad, type KeyContext } from './key-context.ts'
import { keyObjectOf, SecretKey } from './secret-key.ts'
import { wrappedLength } from './wrap-key.ts'

/**
 * Gives a wrapped key back, if it was wrapped by this key for exactly this context.
 * @throws CryptoError FORMAT for another length, NOT_AUTHENTIC for anything else that is not as it was written
 */
export function unwrapKey(
  wrapping: SecretKey,
  wrappingVersion: number,
  wrapped: Uint8Array,
  context: KeyContext,
): SecretKey {
  if (wrapped.length !== wrappedLength) {
    throw new CryptoError('FORMAT', context.purpose, 'a wrapped key is 60 bytes long')
  }
  const keyEnd = nonceLength + 32
  const plain = gcmOpen(
    keyObjectOf(wrapping),
    wrapped.subarray(0, nonceLength),
    keyContextAad(context, wrappingVersion),
    wrapped.subarray(nonceLength, keyEnd),
    wrapped.subarray(keyEnd),
  )
  if (!plain) {
    throw new CryptoError(
      'NOT_AUTHENTIC',
      context.purpose,
      'altered, or wrapped for another owner, version or keyring',
    )
  }
  return new SecretKey(plain)
}
