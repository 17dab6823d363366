import 'server-only'

import type { Env } from '#lib/env.ts'
import type { KeyProviderEnv } from '#lib/parse-key-providers.ts'

/** The settings that the key store needs; lib/env.ts has them all. */
export type KeySettings = Pick<
  Env,
  | 'environment'
  | 'home'
  | 'keystoreUrl'
  | 'keystoreOperatorUrl'
  | 'keyProvider'
  | 'keyringFile'
  | 'keyringPassphrase'
  | 'keyringPassphraseNext'
> &
  Partial<KeyProviderEnv>

/**
 * How long keys are kept in memory, and how many. A process hears of a change of a key at once, through a connection whose
 * life it proves every few seconds (listen-for-key-changes.ts). The lease says what holds when it does not: nobody who
 * can ask the key store uses a key longer than the lease after it was changed, and nobody at all writes with one.
 */
export type KeyLimits = {
  /** While changes are heard of, a cached key is used this long before the key store is asked again. */
  readonly freshSeconds: number
  /** How long after the last proof of hearing a process takes itself to hear of changes; otherwise keys are fresh no longer. */
  readonly leaseSeconds: number
  /**
   * While the provider is out and changes are heard of, a cached key serves at most this long after it was loaded. Longer
   * than this no key serves in any case.
   */
  readonly staleSeconds: number
  /** Cut off from the key store altogether, a process reads with a cached key at most this long after it was loaded. */
  readonly cutOffSeconds: number
  /** Owners whose keys are held; beyond it the least recently used go. */
  readonly ownersMax: number
  /** Encryptions under one version; reaching it makes a new version. */
  readonly encryptionsMax: number
  /** Encryptions are added to the store's count this often. */
  readonly countSeconds: number
  /** One attempt to reach the key store or the provider takes no longer than this. */
  readonly attemptSeconds: number
  /** After an outage the next attempt waits this long; meanwhile the cache serves or the answer is no. */
  readonly pauseSeconds: number
}

export const defaultKeyLimits: KeyLimits = {
  freshSeconds: 300,
  leaseSeconds: 10,
  staleSeconds: 3600,
  cutOffSeconds: 60,
  ownersMax: 20_000,
  encryptionsMax: 2 ** 31,
  countSeconds: 5,
  attemptSeconds: 3,
  pauseSeconds: 1,
}

/**
 * After a key version left use (`decrypt_only`, `disabled`, `destroyed`), no process that is asked for a key to write with hands out
 * the former one once this time is over: neither one that is connected, nor one that is deaf, nor one that is cut off.
 * A unit of work that began before may still hold it to its end; whoever waits for the last writer adds the longest unit.
 */
export const keyLeaseSeconds = defaultKeyLimits.leaseSeconds
