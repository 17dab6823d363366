const tolerance = 0.15
const secondsMost = 600
const secondsLeast = 0.01

/**
 * The longest run of records opened one after the other at an even pace, in records: each pause is within 15 % of the one
 * before, and none is longer than ten minutes. People are not that regular; programs are. What is written within a hundredth of a
 * second was asked for together, as the finds of one search are: it counts as one opening.
 * @param openings seconds at which each record was first opened, ascending
 */
export function evenRun(openings: readonly number[]): number {
  let [longest, run, before] = [0, 1, Number.NaN]
  let last = openings[0] ?? 0
  for (const opening of openings.slice(1)) {
    const pause = opening - last
    last = opening
    if (pause < secondsLeast) continue
    const isEven = pause <= secondsMost && Math.abs(pause - before) <= tolerance * before
    run = isEven ? run + 1 : 2
    longest = Math.max(longest, isEven ? run : 0)
    before = pause
  }
  return longest
}
