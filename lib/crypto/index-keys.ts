import { CryptoError } from './crypto-error.ts'
import type { SecretKey } from './secret-key.ts'

/**
 * Roots of the blind indexes, apart from every encryption key. While a root is being replaced two versions are live: tokens
 * of both are stored, and one of them is what values are looked up by, because only that one is sure to be complete.
 */
export type IndexKeys = {
  /** the version that values are looked up by: every value has its token */
  readonly active: number
  /** every version whose tokens are stored, in ascending order */
  readonly roots: ReadonlyMap<number, SecretKey>
}

/** Which of two columns a unique token stands in: both versions that live at once are kept unique, each in its own. */
export const parityOf = (version: number): 'odd' | 'even' => (version % 2 === 0 ? 'even' : 'odd')

/**
 * @throws CryptoError VALUE for a version outside 1 to 255 (it takes one byte in a token), and for two live versions that are
 * both odd or both even (their unique tokens would share a column)
 * @throws CryptoError KEY_UNKNOWN when the active version is not among the roots
 */
export function indexKeys(active: number, roots: ReadonlyMap<number, SecretKey>): IndexKeys {
  const versions = [...roots.keys()].sort((a, b) => a - b)
  if (versions.some((version) => !Number.isInteger(version) || version < 1 || version > 255)) {
    throw new CryptoError('VALUE', 'index-keys', 'an index key version is a whole number from 1 to 255')
  }
  if (!roots.has(active)) throw new CryptoError('KEY_UNKNOWN', 'index-keys', 'the active version is missing')
  if (new Set(versions.map(parityOf)).size !== versions.length) {
    throw new CryptoError('VALUE', 'index-keys', 'two live versions are one odd and one even')
  }
  const sorted = new Map([...roots].sort(([a], [b]) => a - b))
  return Object.freeze({ active, roots: sorted })
}
