import 'server-only'

import { setTimeout as sleep } from 'node:timers/promises'

/** Lets so many cells pass in a second; waits in between. */
export type Throttle = { pass(cells: number): Promise<void> }

/**
 * @param cellsPerSecond 0 for as many as can be
 * @param milliseconds a clock that only goes forward
 */
export function throttle(
  cellsPerSecond: number,
  { milliseconds = () => performance.now(), wait = (time: number): Promise<unknown> => sleep(time) } = {},
): Throttle {
  let free = milliseconds()
  return {
    async pass(cells) {
      if (cellsPerSecond <= 0) return
      const present = milliseconds()
      // Time that was not used is gone: after a pause it does not rush.
      const from = Math.max(free, present)
      free = from + (cells * 1000) / cellsPerSecond
      if (from > present) await wait(from - present)
    },
  }
}
