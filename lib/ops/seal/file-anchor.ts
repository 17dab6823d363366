import 'server-only'
import { createReadStream } from 'node:fs'
import { mkdir, open, stat } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'

import type { Anchor } from '#lib/audit/seal/anchor.ts'
import { now } from '#lib/clock.ts'
import { readLastLine } from './read-last-line.ts'

const line = z.object({ at: z.string(), note: z.string() })

/** Where the file lies: in the home, beside the databases and in none of their directories. */
export const anchorFile = (home: string): string => path.join(home, 'anchor', 'audit-checkpoints.ndjson')

/**
 * An anchor in a file that is only appended to, one JSON line per checkpoint, each flushed to the disk before it counts.
 * A line that was half written when the machine went down is passed over. Ten years make millions of lines: the newest is
 * read from the end, and all of them as a stream.
 */
export const openFileAnchor = (file: string): Anchor => ({
  id: 'file',
  newest: () => readLastLine(file, noteOf),
  all: () => readNotes(file),
  async keep(note) {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    const handle = await open(file, 'a', 0o600)
    try {
      // A line that a crash cut off is ended first, so that it spoils no other.
      await handle.appendFile(`\n${JSON.stringify({ at: now().toISOString(), note })}\n`)
      await handle.datasync()
    } finally {
      await handle.close()
    }
    return null
  },
})

async function* readNotes(file: string): AsyncGenerator<string, void, undefined> {
  const length = await lengthOf(file)
  if (length === 0) return
  const input = createReadStream(file, { encoding: 'utf8', end: length - 1 })
  try {
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      const note = noteOf(text)
      if (note !== undefined) yield note
    }
  } finally {
    input.destroy()
  }
}

const lengthOf = async (file: string): Promise<number> => {
  try {
    return (await stat(file)).size
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
    throw error
  }
}

/** The checkpoint in a line; undefined for one that is empty or damaged. */
const noteOf = (text: string): string | undefined => {
  if (text === '') return undefined
  try {
    return line.safeParse(JSON.parse(text)).data?.note
  } catch {
    return undefined
  }
}
