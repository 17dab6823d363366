import 'server-only'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

import { ProviderDenial, ProviderOutage } from '#lib/keys/key-provider.ts'

/** Larger than any keyring: a version takes about 150 bytes. */
const largestFile = 1024 * 1024

/**
 * Reads a file that only this process's user may have touched: a regular file (no link), owned by that user,
 * mode 0600 or stricter. The checks are made on the open file, so that it cannot be exchanged in between.
 * @throws ProviderDenial when it is not private; ProviderOutage when it cannot be reached
 */
export async function readPrivateFile(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    throw unreachable(path, error)
  })
  try {
    const about = await file.stat()
    if (!about.isFile()) throw new ProviderDenial(`${path} is not a regular file.`)
    const self = process.geteuid?.()
    if (self !== undefined && about.uid !== self) {
      throw new ProviderDenial(`${path} belongs to another user: give it to the user who runs Vigil.`)
    }
    if (self !== undefined && (about.mode & 0o077) !== 0) {
      throw new ProviderDenial(
        `${path} can be read by others: set its mode to 0600 and replace the keys in it.`,
      )
    }
    if (about.size > largestFile) throw new ProviderDenial(`${path} is too large to be what it should be.`)
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

function unreachable(path: string, error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  if (code === 'ELOOP') return new ProviderDenial(`${path} is a symbolic link: put the file itself there.`)
  if (code === 'EACCES' || code === 'EPERM')
    return new ProviderDenial(`${path} may not be read by this user.`)
  return new ProviderOutage(`${path} cannot be read (${code}).`)
}
