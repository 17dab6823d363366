import 'server-only'

import type { DataKeys } from '#lib/crypto/data-keys.ts'
import { KeysUnavailable } from '#lib/errors.ts'
import { attempt } from './attempt.ts'
import { classifyFailure } from './classify-failure.ts'
import { KeyCache, monotonicSeconds } from './key-cache.ts'
import type { KeyLimits } from './key-settings.ts'

/** Loads the keys of owners who are not cached; an owner without keys is missing from the answer. */
export type LoadKeys = (owners: readonly string[], signal: AbortSignal) => Promise<Map<string, DataKeys>>

/**
 * Reads data keys through a cache. Two readers of one owner share one load. During an outage cached keys serve as long as
 * KeyLimits allows; a denial empties the cache at once.
 */
export class DataKeyReader {
  readonly #cache: KeyCache<DataKeys>
  readonly #loading = new Map<string, Promise<Map<string, DataKeys>>>()
  readonly #load: LoadKeys
  readonly #limits: KeyLimits
  readonly #onDenial: () => void
  readonly #seconds: () => number
  #health: 'ok' | 'degraded' | 'denied' = 'ok'
  /** No attempt before this moment; set by an outage. */
  #pausedUntil = -Infinity
  #lastFailure: unknown

  /**
   * `onDenial` drops what else was cached from the same source. `seconds` is a clock that only goes forward, and `heard` the
   * moment on it up to which every change of a key is known to have been heard of.
   */
  constructor(
    load: LoadKeys,
    limits: KeyLimits,
    {
      onDenial = () => undefined,
      seconds = monotonicSeconds,
      heard = seconds,
    }: { onDenial?: () => void; seconds?: () => number; heard?: () => number } = {},
  ) {
    this.#load = load
    this.#limits = limits
    this.#onDenial = onDenial
    this.#seconds = seconds
    this.#cache = new KeyCache(limits, { seconds, heard })
  }

  get health(): 'ok' | 'degraded' | 'denied' {
    return this.#health
  }

  get cachedOwners(): number {
    return this.#cache.size
  }

  /**
   * @param use what for: during an outage a key is good for reading longer than for writing
   * @throws KeysUnavailable
   */
  async read(
    owners: Iterable<string>,
    use: 'reading' | 'writing' = 'reading',
  ): Promise<Map<string, DataKeys>> {
    const found = new Map<string, DataKeys>()
    const missing: string[] = []
    const underWay = new Set<Promise<Map<string, DataKeys>>>()
    const wanted = new Set(owners)
    const since = this.#cache.freshSince()
    for (const owner of wanted) {
      const cached = this.#cache.loadedSince(owner, since)
      const loading = this.#loading.get(owner)
      if (cached) found.set(owner, cached)
      else if (loading) underWay.add(loading)
      else missing.push(owner)
    }
    if (missing.length > 0) underWay.add(this.#begin(missing))
    try {
      for (const loaded of await Promise.all(underWay)) {
        for (const [owner, keys] of loaded) if (wanted.has(owner)) found.set(owner, keys)
      }
      return found
    } catch (error) {
      return this.#serveStale(wanted, use, error)
    }
  }

  drop(owner?: string): void {
    this.#cache.drop(owner)
    // Whoever asks from now on must not join a load that may have read the state before the change.
    if (owner === undefined) this.#loading.clear()
    else this.#loading.delete(owner)
  }

  #begin(owners: readonly string[]): Promise<Map<string, DataKeys>> {
    const loading = this.#attempt(owners)
    for (const owner of owners) this.#loading.set(owner, loading)
    const finished = () => {
      for (const owner of owners) if (this.#loading.get(owner) === loading) this.#loading.delete(owner)
    }
    void loading.then(finished, finished)
    return loading
  }

  async #attempt(owners: readonly string[]): Promise<Map<string, DataKeys>> {
    if (this.#seconds() < this.#pausedUntil) throw this.#lastFailure
    const loading = this.#cache.beginLoading()
    try {
      const loaded = await attempt((signal) => this.#load(owners, signal), this.#limits.attemptSeconds)
      for (const [owner, keys] of loaded) this.#cache.keep(owner, keys, loading)
      this.#health = 'ok'
      return loaded
    } catch (error) {
      this.fail(error)
      throw error
    }
  }

  /** Takes note of a failure, also of one met while writing. */
  fail(error: unknown): void {
    this.#lastFailure = error
    if (classifyFailure(error) === 'denial') {
      this.#health = 'denied'
      this.drop()
      this.#onDenial()
      return
    }
    this.#health = 'degraded'
    this.#pausedUntil = this.#seconds() + this.#limits.pauseSeconds
  }

  #serveStale(
    owners: ReadonlySet<string>,
    use: 'reading' | 'writing',
    error: unknown,
  ): Map<string, DataKeys> {
    const found = new Map<string, DataKeys>()
    if (classifyFailure(error) === 'denial') throw refusal(error)
    const since = this.#cache.staleSince(use)
    for (const owner of owners) {
      const keys = this.#cache.loadedSince(owner, since)
      // Without an answer nobody can say whether this owner has no key, so the whole call fails.
      if (!keys) throw refusal(error)
      found.set(owner, keys)
    }
    return found
  }
}

/** The error that leaves this layer; says which of the two it was. */
export function refusal(error: unknown): KeysUnavailable {
  if (error instanceof KeysUnavailable) return error
  const text =
    classifyFailure(error) === 'denial'
      ? 'The key store or the key provider refuses to give keys out.'
      : 'The key store or the key provider does not answer.'
  return new KeysUnavailable(text, { cause: error })
}
