import 'server-only'

import type { SecretKey } from '#lib/crypto/secret-key.ts'
import { ProviderDenial } from '#lib/keys/key-provider.ts'
import { SingleFlight } from '#lib/keys/single-flight.ts'
import type { StoredKeyring, StoredKeyringVersion } from '#lib/keys/stored-keyring.ts'

/** Unwraps one version; asks KMS. */
export type AskForKek = (
  ring: StoredKeyring,
  version: StoredKeyringVersion,
  signal: AbortSignal,
) => Promise<SecretKey>

/** How long an unwrapped version serves without asking again, and during an outage. */
export type KekLimits = { readonly freshSeconds: number; readonly staleSeconds: number }

export const defaultKekLimits: KekLimits = { freshSeconds: 60, staleSeconds: 3600 }

type Held = { readonly key: SecretKey; readonly wrapped: string; readonly askedAt: number }

/**
 * Versions of the key-encryption key, unwrapped once and asked for again when they are no longer fresh, so that a key that is
 * disabled in KMS stops here within that time. During an outage a version serves up to its stale limit; a denial drops all of
 * them at once.
 */
export class KekCache {
  readonly #held = new Map<number, Held>()
  readonly #asking = new SingleFlight<SecretKey>()
  readonly #ask: AskForKek
  readonly #limits: KekLimits
  readonly #seconds: () => number
  #degraded = false
  /** Rises with every drop; what was asked for before one is not kept. */
  #generation = 0

  constructor(ask: AskForKek, limits: KekLimits, seconds: () => number = () => performance.now() / 1000) {
    this.#ask = ask
    this.#limits = limits
    this.#seconds = seconds
  }

  /** Whether the last answer came from memory because KMS was away. */
  get degraded(): boolean {
    return this.#degraded
  }

  /** @throws ProviderDenial, ProviderOutage */
  async get(ring: StoredKeyring, version: StoredKeyringVersion, signal: AbortSignal): Promise<SecretKey> {
    const held = this.#heldFor(version)
    const age = this.#ageOf(held)
    if (held && age < this.#limits.freshSeconds) return held.key
    try {
      const key = await this.#share(ring, version, signal)
      this.#degraded = false
      return key
    } catch (error) {
      if (error instanceof ProviderDenial) this.drop()
      // Looked up again: a denial that came meanwhile has dropped it.
      const stale = error instanceof ProviderDenial ? undefined : this.#heldFor(version)
      if (!stale || this.#ageOf(stale) >= this.#limits.staleSeconds || signal.aborted) throw error
      this.#degraded = true
      return stale.key
    }
  }

  /** Forgets versions that are no longer in use, as the record of the keyring has it now. */
  keepOnly(ring: StoredKeyring): void {
    const used = new Set(
      ring.versions
        .filter(({ state }) => state === 'active' || state === 'decrypt_only')
        .map(({ version }) => version),
    )
    for (const version of this.#held.keys()) if (!used.has(version)) this.#held.delete(version)
  }

  drop(): void {
    this.#held.clear()
    this.#generation += 1
  }

  /** A version whose wrapped bytes have changed is another one to ask for. */
  #heldFor(version: StoredKeyringVersion): Held | undefined {
    const held = this.#held.get(version.version)
    return held?.wrapped === nameOf(version) ? held : undefined
  }

  #ageOf(held: Held | undefined): number {
    return held ? this.#seconds() - held.askedAt : Infinity
  }

  /** Everybody who needs a version at the same time waits for one question. */
  async #share(ring: StoredKeyring, version: StoredKeyringVersion, signal: AbortSignal): Promise<SecretKey> {
    const askedAt = this.#seconds()
    const generation = this.#generation
    const name = nameOf(version)
    const key = await this.#asking.join(name, (within) => this.#ask(ring, version, within), signal)
    if (generation === this.#generation) this.#held.set(version.version, { key, wrapped: name, askedAt })
    return key
  }
}

const nameOf = (version: StoredKeyringVersion): string =>
  `${version.version}:${version.keyRef}:${Buffer.from(version.wrapped ?? []).toString('base64')}`
