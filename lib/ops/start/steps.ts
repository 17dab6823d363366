import 'server-only'
import { nowMilliseconds } from '#lib/clock.ts'

export type Step = <T>(title: string, work: () => Promise<T> | T) => Promise<T>

const duration = (milliseconds: number): string =>
  milliseconds < 10_000 ? `${(milliseconds / 1000).toFixed(1)} s` : `${Math.round(milliseconds / 1000)} s`

/**
 * Makes the function that tells how far a start is: a line when a step is done, with how long it took, and before that
 * one for a step that takes long, so that nobody waits without knowing for what.
 */
export const makeSteps = (write: (line: string) => void, longAfterMilliseconds = 2000): Step => {
  return async (title, work) => {
    const start = nowMilliseconds()
    const slow = setTimeout(() => write(`  … ${title}`), longAfterMilliseconds)
    try {
      const result = await work()
      write(`  ✓ ${title} (${duration(nowMilliseconds() - start)})`)
      return result
    } finally {
      clearTimeout(slow)
    }
  }
}
