import { CryptoError } from './crypto-error.ts'
import type { SecretKey } from './secret-key.ts'

/**
 * Roots of the blind indexes, apart from every encryption key. While an index key is being replaced two
 * versions are live: both are written and both are searched.
 */
export type IndexKeys = {
  /** the version that new tokens are compared by; the highest one that is complete */
  readonly active: number
  readonly roots: ReadonlyMap<number, SecretKey>
}

/**
 * @throws CryptoError VALUE for a version outside 1 to 255 (it takes one byte in a token)
 * @throws CryptoError KEY_UNKNOWN when the active version is not among the roots
 */
export function indexKeys(active: number, roots: ReadonlyMap<number, SecretKey>): IndexKeys {
  if ([...roots.keys()].some((version) => !Number.isInteger(version) || version < 1 || version > 255)) {
    throw new CryptoError('VALUE', 'index-keys', 'an index key version is a whole number from 1 to 255')
  }
  if (!roots.has(active)) throw new CryptoError('KEY_UNKNOWN', 'index-keys', 'the active version is missing')
  return Object.freeze({ active, roots })
}
