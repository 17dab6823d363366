import type { BenchRow } from './bench-row.ts'
import { summarize } from './summarize.ts'

/**
 * How many calls per second finish while `clients` of them are always under way.
 * @param call gets a number that counts up, to choose what it works on
 */
export async function throughput(
  clients: number,
  milliseconds: number,
  call: (turn: number) => Promise<unknown>,
): Promise<number> {
  const start = performance.now()
  let turn = 0
  let done = 0
  const loop = async () => {
    while (performance.now() - start < milliseconds) {
      await call(turn++)
      done += 1
    }
  }
  await Promise.all(Array.from({ length: clients }, loop))
  return (done * 1000) / (performance.now() - start)
}

export type Pair = { readonly figures: number[]; readonly floors: number[] }

/** Measures both sides in turn, each going first every other time, so that neighbours on the machine weigh on both alike. */
export async function inTurn(
  rounds: number,
  figure: () => Promise<number>,
  floor: () => Promise<number>,
): Promise<Pair> {
  const pair: Pair = { figures: [], floors: [] }
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) pair.floors.push(await floor())
    pair.figures.push(await figure())
    if (round % 2 === 1) pair.floors.push(await floor())
  }
  return pair
}

/** @param bar what was promised, of the ratio of the two medians */
export function comparison(
  what: string,
  unit: string,
  { figures, floors }: Pair,
  bar?: { atLeast: number } | { atMost: number },
): BenchRow {
  const { median, spread } = summarize(figures)
  const floor = summarize(floors).median
  const ratio = median / floor
  const row = { what, unit, median, spread, floor, ratio }
  if (bar === undefined) return row
  return 'atLeast' in bar
    ? { ...row, bar: `≥ ${bar.atLeast.toFixed(2)}`, ok: ratio >= bar.atLeast }
    : { ...row, bar: `≤ ${bar.atMost.toFixed(2)}`, ok: ratio <= bar.atMost }
}
