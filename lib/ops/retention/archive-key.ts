import 'server-only'
import { hkdfSync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'

import { SecretKey } from '#lib/crypto/secret-key.ts'
import { Refused } from '#lib/errors.ts'
import { writeOnce } from '#lib/ops/seal/write-once.ts'

/**
 * Where the key of the archives lies: with the sealing key, apart from the archives. It is not one of the keys that are renewed: a month
 * that left stays readable for years, wherever its file is.
 */
const archiveKeyFile = (home: string): string => path.join(home, 'seal', 'archive.key')

/** Bytes at the head of an archive that its own key is derived with. */
export const saltLength = 32

/** Makes the key of an installation where there is none. */
export const makeMissingArchiveKey = (home: string): void =>
  writeOnce(archiveKeyFile(home), `${randomBytes(32).toString('hex')}\n`, 0o600)

/**
 * The key of one archive: HKDF-SHA-256 (RFC 5869) of the archives' key and the file's own salt, so that it seals one file only.
 * @throws Refused when the archives' key is not there
 */
export const archiveKey = (home: string, salt: Uint8Array): SecretKey => {
  let hex: string
  try {
    hex = readFileSync(archiveKeyFile(home), 'utf8').trim()
  } catch (cause) {
    throw new Refused(
      `The key of the archives cannot be read: put ${archiveKeyFile(home)} back from its copy.`,
      { cause },
    )
  }
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new Refused(`${archiveKeyFile(home)} is damaged: put its copy back.`)
  const root = Buffer.from(hex, 'hex')
  const key = new SecretKey(new Uint8Array(hkdfSync('sha256', root, salt, 'vigil-archive-1', 32)))
  root.fill(0)
  return key
}
