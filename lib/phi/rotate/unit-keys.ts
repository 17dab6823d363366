import 'server-only'

import type { KeyObject } from 'node:crypto'
import { cellDigestKey } from '#lib/crypto/cell-digest.ts'
import type { KeyStore } from '#lib/keys/key-store.ts'
import type { UnitKeys } from './reseal-rows.ts'

let digestKey: { of: KeyStore; key: KeyObject } | undefined

/**
 * The keys that a unit of re-encryption works with, from the cache or the key store.
 * @throws KeysUnavailable; CryptoError when an owner has no key to write with any more
 */
export async function unitKeys(
  keys: KeyStore,
  owners: readonly string[],
  withDigests: boolean,
): Promise<UnitKeys> {
  // Sealing first: a version that has encrypted too often is replaced there, and must be among those that open.
  const sealing = await keys.dataKeysForWriting(owners)
  const opening = await keys.dataKeysFor(owners)
  if (withDigests && digestKey?.of !== keys)
    digestKey = { of: keys, key: cellDigestKey(await keys.identityKey()) }
  return { opening, sealing, digest: withDigests ? (digestKey?.key ?? null) : null }
}
