import 'server-only'
import { existsSync, statfsSync } from 'node:fs'
import path from 'node:path'

/** Bytes that an unprivileged program may still write on the disk that holds `directory` (or will hold it). */
export const freeBytes = (directory: string): number => {
  if (!existsSync(directory)) return freeBytes(path.dirname(directory))
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}
