import 'server-only'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { now } from '#lib/clock.ts'

/*
 * When this installation last read its whole trail, in a file of the home beside the sealing key. The database keeps the same, but whoever
 * owns the database can write there that everything was verified yesterday, and nothing would ever look at what they changed.
 */
const file = (home: string): string => path.join(home, 'seal', 'verified')

/** Notes that everything was verified just now, whatever was found. */
export const noteFullVerification = (home: string): void => {
  mkdirSync(path.dirname(file(home)), { recursive: true, mode: 0o700 })
  const next = `${file(home)}.${process.pid}`
  writeFileSync(next, `${now().toISOString()}\n`, { mode: 0o600 })
  renameSync(next, file(home))
}

/** When everything was verified last, by this home's own word; null when it has none. */
export const readFullVerification = (home: string): Date | null => {
  try {
    const at = new Date(readFileSync(file(home), 'utf8').trim())
    return Number.isNaN(at.getTime()) ? null : at
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
