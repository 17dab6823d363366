import 'server-only'

import type { DataKey, DataKeys } from '#lib/crypto/data-keys.ts'
import type { IndexKeys } from '#lib/crypto/index-keys.ts'
import type { SecretKey } from '#lib/crypto/secret-key.ts'
import type { KeyInventory } from './key-inventory.ts'

/**
 * Every key this process may use. Owners are patient ids, or `org:main` for secrets of the organisation.
 * All methods throw `KeysUnavailable` when neither the key store nor the cache can answer, or when the
 * root key's holder says no.
 */
export type KeyStore = {
  /**
   * Keys for reading, for many owners at once: one statement and one unwrap call for whatever is not cached.
   * An owner without a key is missing from the map (never written to, or shredded).
   */
  dataKeysFor(owners: Iterable<string>): Promise<Map<string, DataKeys>>
  /** The key to write with, made and committed on demand; a key that has encrypted too often is replaced. */
  dataKeyForWriting(owner: string): Promise<DataKey>
  /** The same for many owners at once. */
  dataKeysForWriting(owners: Iterable<string>): Promise<Map<string, DataKey>>
  /** Roots of the blind indexes. */
  indexKeys(): Promise<IndexKeys>
  /** Root of record ids, pseudonyms and content digests. It is never replaced: ids must stay what they are. */
  identityKey(): Promise<SecretKey>
  /** Forgets cached keys, of one owner or of all: after shredding, disabling, rotation. */
  dropCachedKeys(owner?: string): void
  /** `degraded`: serving from the cache through an outage. `denied`: the root key's holder refuses. */
  health(): Promise<'ok' | 'degraded' | 'denied'>
  /** Which keys there are and how old; `madeBefore`: data keys from before it are counted as overdue. */
  inventory(madeBefore: Date): Promise<KeyInventory>
  /** Hands in the last counts and closes the pool. */
  close(): Promise<void>
}
