import 'server-only'

import type { DataKeys } from '#lib/crypto/data-keys.ts'
import type { KeyStore } from './key-store.ts'

/**
 * Opens cells with their owners' keys. A cell may name a version that was made after the keys were cached, and be read
 * before the news of it has come: then they are asked for once more, from the key store itself.
 * @param open called a second time in that case; changes nothing outside of itself
 * @throws KeysUnavailable, and whatever `open` throws
 */
export async function withDataKeys<T>(
  store: KeyStore,
  owners: ReadonlySet<string>,
  open: (keys: ReadonlyMap<string, DataKeys>) => T,
): Promise<T> {
  const keys = owners.size === 0 ? new Map<string, DataKeys>() : await store.dataKeysFor(owners)
  try {
    return open(keys)
  } catch (error) {
    if (owners.size === 0 || !namesUnknownVersion(error)) throw error
    for (const owner of owners) store.dropCachedKeys(owner)
    return open(await store.dataKeysFor(owners))
  }
}

const namesUnknownVersion = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'KEY_UNKNOWN'
