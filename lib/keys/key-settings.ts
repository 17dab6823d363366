import 'server-only'

import type { Env } from '#lib/env.ts'

/** The settings that the key store needs; lib/env.ts has them all. */
export type KeySettings = Pick<
  Env,
  'environment' | 'home' | 'keystoreUrl' | 'keyProvider' | 'keyringFile' | 'keyringPassphrase'
>

/** How long keys are kept in memory, and how many. */
export type KeyLimits = {
  /** A cached key is used this long before the key store is asked again: how late a disabled key may be noticed. */
  readonly freshSeconds: number
  /** While the key store or the provider is out, a cached key serves at most this long after it was loaded. */
  readonly staleSeconds: number
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
  staleSeconds: 3600,
  ownersMax: 20_000,
  encryptionsMax: 2 ** 31,
  countSeconds: 5,
  attemptSeconds: 3,
  pauseSeconds: 1,
}
