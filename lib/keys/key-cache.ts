import 'server-only'

type Entry<T> = { readonly value: T; readonly loadedAt: number }

/**
 * Values by owner, for a while and up to a number. Knows two ages: fresh (use it) and stale (use it only while its
 * source is out). Whatever was being loaded when an owner was dropped is not kept.
 */
export class KeyCache<T> {
  readonly #entries = new Map<string, Entry<T>>()
  readonly #limits: { freshSeconds: number; staleSeconds: number; ownersMax: number }
  /** Seconds on a clock that only goes forward: moving the wall clock back must not make a key live longer. */
  readonly #seconds: () => number
  /** Rises with every drop; a load that began before one does not get in. */
  #generation = 0

  constructor(
    limits: { freshSeconds: number; staleSeconds: number; ownersMax: number },
    seconds: () => number = () => performance.now() / 1000,
  ) {
    this.#limits = limits
    this.#seconds = seconds
  }

  get generation(): number {
    return this.#generation
  }

  get size(): number {
    return this.#entries.size
  }

  fresh(owner: string): T | undefined {
    return this.#younger(owner, this.#limits.freshSeconds)
  }

  /** For use during an outage only. */
  stale(owner: string): T | undefined {
    return this.#younger(owner, this.#limits.staleSeconds)
  }

  /** Keeps a value, unless something was dropped since its loading began. */
  keep(owner: string, value: T, generation: number): void {
    if (generation !== this.#generation) return
    this.#entries.delete(owner)
    this.#entries.set(owner, { value, loadedAt: this.#seconds() })
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

  #younger(owner: string, seconds: number): T | undefined {
    const entry = this.#entries.get(owner)
    if (!entry) return undefined
    if (this.#seconds() - entry.loadedAt >= seconds) {
      if (seconds === this.#limits.staleSeconds) this.#entries.delete(owner)
      return undefined
    }
    // A Map keeps the order of insertion: moving the entry to the end makes the front the least recently used.
    this.#entries.delete(owner)
    this.#entries.set(owner, entry)
    return entry.value
  }
}
