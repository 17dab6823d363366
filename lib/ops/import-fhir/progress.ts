import 'server-only'
import { nowMilliseconds } from '#lib/clock.ts'

const lineEveryMilliseconds = 3000
const barWidth = 30

/** Says how far a long job is. */
export type Progress = { advance: (title: string, done: number, total: number) => void; end: () => void }

/**
 * A bar that is drawn again in its own line where somebody watches, and a line every few seconds where a file or
 * another program does.
 */
export function makeProgress(
  terminal: { isTTY?: boolean; write: (text: string) => unknown },
  say: (line: string) => void,
): Progress {
  let lastAt = nowMilliseconds()
  let drawn = false
  return {
    advance: (title, done, total) => {
      const at = nowMilliseconds()
      if (terminal.isTTY) {
        if (at - lastAt < 80 && done < total) return
        terminal.write(`\r\u001b[2K${bar(done, total)} ${title} ${done}/${total}`)
        drawn = true
      } else {
        if (at - lastAt < lineEveryMilliseconds) return
        say(`${title}: ${done} of ${total}`)
      }
      lastAt = at
    },
    end: () => {
      if (drawn) terminal.write('\r\u001b[2K')
      drawn = false
    },
  }
}

/** For whoever wants no progress. */
export const silentProgress: Progress = { advance: () => undefined, end: () => undefined }

function bar(done: number, total: number): string {
  const filled = total === 0 ? barWidth : Math.round((done / total) * barWidth)
  return `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}]`
}
