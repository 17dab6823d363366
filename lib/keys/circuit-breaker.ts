import 'server-only'
import { randomInt } from 'node:crypto'

import { ProviderOutage } from './key-provider.ts'

/**
 * Leaves a provider alone that was away several times in a row, so that nobody waits for it and it is not overrun when it
 * comes back. After a rest one call is let through; its outcome decides for all.
 */
export class CircuitBreaker {
  readonly #limits: { outagesMax: number; restSeconds: number; restSecondsMax: number }
  readonly #seconds: () => number
  #outages = 0
  #restUntil = -Infinity
  #probing = false

  /** @param seconds a clock that only goes forward */
  constructor(
    limits: { outagesMax: number; restSeconds: number; restSecondsMax: number },
    seconds: () => number = () => performance.now() / 1000,
  ) {
    this.#limits = limits
    this.#seconds = seconds
  }

  /** Whether a call would be turned away without asking the provider. */
  get resting(): boolean {
    return this.#seconds() < this.#restUntil
  }

  /**
   * Begins a call.
   * @returns what must be told how it ended; an answer of any kind, also a denial, counts as `ok`
   * @throws ProviderOutage while the provider is left alone
   */
  enter(): (outcome: 'ok' | 'outage') => void {
    const tripped = this.#outages >= this.#limits.outagesMax
    if (this.resting || (tripped && this.#probing)) {
      throw new ProviderOutage(
        'The key provider was away several times in a row and is left alone for a moment.',
      )
    }
    if (tripped) this.#probing = true
    return (outcome) => {
      if (tripped) this.#probing = false
      if (outcome === 'ok') {
        this.#outages = 0
        this.#restUntil = -Infinity
      } else {
        this.#outages += 1
        this.#rest()
      }
    }
  }

  #rest(): void {
    const { outagesMax, restSeconds, restSecondsMax } = this.#limits
    if (this.#outages < outagesMax) return
    const longest = Math.min(restSeconds * 2 ** (this.#outages - outagesMax), restSecondsMax)
    // Between half and all of it: processes that lost the provider together shall not come back together.
    this.#restUntil = this.#seconds() + (longest * randomInt(500, 1001)) / 1000
  }
}
