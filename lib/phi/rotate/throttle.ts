import 'server-only'

import { setTimeout as sleep } from 'node:timers/promises'

/** Paces the units of a rotation. */
export type Throttle = {
  /** units at work at once: while one waits for the database, another encrypts */
  readonly lanes: number
  /** about as many cells does a unit have */
  readonly cellsPerUnit: number
  /** Waits until it is this unit's turn, and runs it. */
  run<T>(cells: number, unit: () => Promise<T>): Promise<T>
  /** Waits only, for work that keeps to the number a second and needs no rest. */
  pass(cells: number): Promise<void>
}

/**
 * With a limit a rotation gives way: one small unit at a time, so many cells a second at most, and a rest after each unit as
 * long as the unit took. So it takes no more than half of one processor, and less where others need it, because its units take
 * longer then. Without a limit it takes what it can.
 * @param cellsPerSecond 0 for no limit
 * @param milliseconds a clock that only goes forward
 */
export function throttle(
  cellsPerSecond: number,
  { milliseconds = () => performance.now(), wait = (time: number): Promise<unknown> => sleep(time) } = {},
): Throttle {
  if (cellsPerSecond <= 0)
    return { lanes: 2, cellsPerUnit: 2000, run: (_cells, unit) => unit(), pass: () => Promise.resolve() }
  let free = milliseconds()
  return {
    lanes: 1,
    cellsPerUnit: 500,
    async pass(cells) {
      const begun = milliseconds()
      const turn = Math.max(free, begun)
      free = turn + (cells * 1000) / cellsPerSecond
      if (turn > begun) await wait(turn - begun)
    },
    async run(cells, unit) {
      const begun = milliseconds()
      if (free > begun) await wait(free - begun)
      const started = milliseconds()
      try {
        return await unit()
      } finally {
        const ended = milliseconds()
        // Time that was not used is gone: after a pause it does not rush.
        free = Math.max(started + (cells * 1000) / cellsPerSecond, ended + (ended - started))
      }
    },
  }
}
