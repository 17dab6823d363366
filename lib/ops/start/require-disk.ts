import 'server-only'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { Refused } from '#lib/errors.ts'
import { freeBytes } from '#lib/ops/home/free-bytes.ts'
import { diskFullText } from '#lib/ops/postgres/cluster.ts'

const mebibyte = 1024 * 1024

/**
 * Before anything is written: a disk that fills up while databases are being made leaves a worse message.
 * @throws Refused with less than 500 MB for a new home, or 100 MB for one that exists
 */
export const requireDisk = (home: string): void => {
  const needed = existsSync(path.join(home, 'VERSION')) ? 100 : 500
  if (freeBytes(home) < needed * mebibyte) throw new Refused(diskFullText(home))
}
