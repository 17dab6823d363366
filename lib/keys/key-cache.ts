import 'server-only'

import type { KeyLimits } from './key-settings.ts'

type Entry<T> = { readonly value: T; readonly loadedAt: number }

/** A load under way: when it began, and after how many drops. */
export type Loading = { readonly begun: number; readonly generation: number }

/** Seconds on a clock that only goes forward: moving the wall clock back must not make a key live longer. */
export const monotonicSeconds = () => performance.now() / 1000

/**
 * Values by owner, for a while and up to a number. How long a value is good depends on whether its holder would hear of
 * a change: see {@link KeyLimits}. Its age counts from the moment at which its loading began, because that is when its source was
 * asked; whatever was being loaded when an owner was dropped is not kept.
 */
export class KeyCache<T> {
  readonly #entries = new Map<string, Entry<T>>()
  readonly #limits: KeyLimits
  readonly #seconds: () => number
  readonly #heard: () => number
  /** Rises with every drop; a load that began before one does not get in. */
  #generation = 0

  /** `heard` is the moment up to which every change is known to have been heard of, on the clock `seconds`. */
  constructor(
    limits: KeyLimits,
    { seconds = monotonicSeconds, heard = seconds }: { seconds?: () => number; heard?: () => number } = {},
  ) {
    this.#limits = limits
    this.#seconds = seconds
    this.#heard = heard
  }

  get size(): number {
    return this.#entries.size
  }

  /** What is loaded from this moment on may be used without asking. */
  freshSince(): number {
    const { freshSeconds, leaseSeconds } = this.#limits
    const now = this.#seconds()
    return now - (this.#isHearing(now) ? freshSeconds : Math.min(freshSeconds, leaseSeconds))
  }

  /**
   * What is loaded from this moment on may be used while its source is out. Who writes under a key that is no longer in use
   * loses what was written, so without hearing of changes a key is written with for the length of the lease only.
   */
  staleSince(use: 'reading' | 'writing'): number {
    const { staleSeconds, cutOffSeconds, leaseSeconds } = this.#limits
    const now = this.#seconds()
    if (this.#isHearing(now)) return now - staleSeconds
    return now - Math.min(staleSeconds, use === 'reading' ? cutOffSeconds : leaseSeconds)
  }

  /** The value of an owner, if it was loaded since a moment. */
  loadedSince(owner: string, since: number): T | undefined {
    const entry = this.#entries.get(owner)
    if (!entry || entry.loadedAt <= since) return undefined
    // A Map keeps the order of insertion: moving the entry to the end makes the front the least recently used.
    this.#entries.delete(owner)
    this.#entries.set(owner, entry)
    return entry.value
  }

  beginLoading(): Loading {
    return { begun: this.#seconds(), generation: this.#generation }
  }

  /** Keeps a value, unless something was dropped since its loading began. */
  keep(owner: string, value: T, { begun, generation }: Loading): void {
    if (generation !== this.#generation) return
    this.#entries.delete(owner)
    this.#entries.set(owner, { value, loadedAt: begun })
    while (this.#entries.size > this.#limits.ownersMax) {
      const oldest = this.#entries.keys().next()
      if (oldest.done) return
      this.#entries.delete(oldest.value)
    }
  }

  drop(owner?: string): void {
    this.#generation += 1
    if (owner === undefined) this.#entries.clear()
    else this.#entries.delete(owner)
  }

  #isHearing(now: number): boolean {
    return now - this.#heard() < this.#limits.leaseSeconds
  }
}
