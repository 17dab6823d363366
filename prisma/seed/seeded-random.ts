import { createHash } from 'node:crypto'

/**
 * Random numbers that are the same on every machine and in every year: the demo clinic is made of them. Each subject
 * draws from a stream of its own, named by a label, so that one more patient does not change all the others.
 * Never for anything secret.
 */
export class SeededRandom {
  #state: number

  constructor(label: string) {
    this.#state = createHash('sha256').update(`riverside-clinic-1:${label}`).digest().readUInt32LE(0)
  }

  /** From 0 up to but not including 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  /** A whole number from `least` to `most`, both possible. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** Around a mean, by the sum of four draws: close enough to a bell, and it never runs off. */
  around(mean: number, spread: number): number {
    return mean + (this.next() + this.next() + this.next() + this.next() - 2) * spread * 1.7
  }

  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.next() * items.length)]
    if (item === undefined) throw new RangeError('nothing to pick from')
    return item
  }
}
