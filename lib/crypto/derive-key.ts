import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'

import { lengthPrefixed } from './length-prefixed.ts'
import { keyObjectOf, type SecretKey } from './secret-key.ts'

const derived = new WeakMap<SecretKey, Map<string, KeyObject>>()

/**
 * A 256-bit key for one purpose, from a root key: HKDF-SHA-256 (RFC 5869) with the purpose as `info`.
 * Different purposes give independent keys. Kept for as long as the root is.
 */
export function deriveKey(root: SecretKey, ...purpose: readonly string[]): KeyObject {
  let byPurpose = derived.get(root)
  if (!byPurpose) {
    byPurpose = new Map()
    derived.set(root, byPurpose)
  }
  const info = lengthPrefixed(...purpose)
  const name = info.toString('latin1')
  const known = byPurpose.get(name)
  if (known) return known
  const bytes = new Uint8Array(hkdfSync('sha256', keyObjectOf(root), new Uint8Array(0), info, 32))
  const key = createSecretKey(bytes)
  bytes.fill(0)
  byPurpose.set(name, key)
  return key
}
