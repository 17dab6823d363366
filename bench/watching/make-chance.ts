import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

export type Chance = ReturnType<typeof makeChance>

/** Draws from one seed: the same seed gives the same year, on every machine. */
export function makeChance(seed: number) {
  const generator = xoroshiro128plus(seed)
  const unit = (): number => uniformFloat64(generator)
  const below = (n: number): number => Math.floor(unit() * n)
  return {
    unit,
    below,
    between: (from: number, to: number): number => from + below(to - from + 1),
    is: (probability: number): boolean => unit() < probability,
    pick: <T>(list: readonly T[]): T => {
      const found = list[below(list.length)]
      if (found === undefined) throw new Error('nothing to pick from')
      return found
    },
    /** Knuth's method; rates here are small. */
    poisson: (rate: number): number => {
      const limit = Math.exp(-rate)
      let count = 0
      for (let product = unit(); product > limit; product *= unit()) count += 1
      return count
    },
  }
}
