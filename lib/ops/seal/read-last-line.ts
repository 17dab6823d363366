import 'server-only'
import { open } from 'node:fs/promises'

const stepBytes = 64 * 1024

/**
 * What the last line of a file says that says anything, read from its end: however long the file is, a few blocks are enough.
 * @param read undefined for a line that does not count
 * @returns undefined when the file is not there, or no line counts
 */
export const readLastLine = async <T>(
  file: string,
  read: (line: string) => T | undefined,
): Promise<T | undefined> => {
  const handle = await open(file).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
  if (!handle) return undefined
  try {
    let end = (await handle.stat()).size
    // Bytes from `end` on, up to the first line end in them: the rest of a line whose head is still to be read.
    let rest: Buffer = Buffer.alloc(0)
    while (end > 0) {
      const length = Math.min(stepBytes, end)
      const block = Buffer.alloc(length)
      await handle.read(block, 0, length, end - length)
      end -= length
      const bytes = Buffer.concat([block, rest])
      const cut = end === 0 ? -1 : bytes.indexOf(10)
      if (cut < 0 && end > 0) {
        rest = bytes
        continue
      }
      for (const line of bytes
        .subarray(cut + 1)
        .toString('utf8')
        .split('\n')
        .toReversed()) {
        const found = read(line)
        if (found !== undefined) return found
      }
      rest = cut < 0 ? Buffer.alloc(0) : bytes.subarray(0, cut)
    }
    return undefined
  } finally {
    await handle.close()
  }
}
