const tolerance = 0.15
const secondsMost = 600

/**
 * The longest run of records opened one after the other at an even pace, in records: each pause is within 15 % of the one
 * before, and none is longer than ten minutes. People are not that regular; programs are.
 * @param openings seconds at which each record was first opened, ascending
 */
export function evenRun(openings: readonly number[]): number {
  let [longest, run, before] = [0, 1, Number.NaN]
  for (let n = 1; n < openings.length; n += 1) {
    const pause = (openings[n] ?? 0) - (openings[n - 1] ?? 0)
    const isEven = pause <= secondsMost && Math.abs(pause - before) <= tolerance * before
    run = isEven ? run + 1 : 2
    longest = Math.max(longest, isEven ? run : 0)
    before = pause
  }
  return longest
}
