import 'server-only'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'

import type { Anchor } from '#lib/audit/seal/anchor.ts'
import { now } from '#lib/clock.ts'

const line = z.object({ at: z.string(), note: z.string() })

/** Where the file lies: in the home, beside the databases and in none of their directories. */
export const anchorFile = (home: string): string => path.join(home, 'anchor', 'audit-checkpoints.ndjson')

/**
 * An anchor in a file that is only appended to, one JSON line per checkpoint, each flushed to the disk before it counts.
 * A line that was half written when the machine went down is passed over.
 */
export const openFileAnchor = (file: string): Anchor => ({
  id: 'file',
  async newest() {
    let newest: string | undefined
    for await (const note of readNotes(file)) newest = note
    return newest
  },
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
  if (!existsSync(file)) return
  for await (const text of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })) {
    const parsed = text === '' ? undefined : line.safeParse(parse(text))
    if (parsed?.success) yield parsed.data.note
  }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
