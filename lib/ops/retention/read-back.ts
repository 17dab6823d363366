import 'server-only'
import { createHash } from 'node:crypto'

import { archiveHeader, type ArchiveHeader } from '#lib/audit/archive/archive-line.ts'
import { verifyArchive } from '#lib/verifier/verify.mjs'
import { digestArchiveFile, readArchiveFile } from './archive-file.ts'

/** What an archive was found to be. */
export type ArchiveFound = {
  readonly header: ArchiveHeader
  /** leaves of the tree whose checkpoint proves it */
  readonly treeSize: number
  readonly entries: number
  /** SHA-256 over the leaf hashes of its entries, hexadecimal */
  readonly contentDigest: string
  /** SHA-256 of the file, hexadecimal */
  readonly fileDigest: string
}

/**
 * Reads an archive back from the disk and checks it by the very code that outsiders use: every entry leads to the signed root.
 * @param verifierKey text of the public key that must have signed it
 * @throws Error with the reason when anything does not fit
 */
export const readBack = async (home: string, name: string, verifierKey: string): Promise<ArchiveFound> => {
  const content = createHash('sha256')
  let header: ArchiveHeader | undefined
  async function* watched() {
    for await (const line of readArchiveFile(home, name)) {
      header ??= archiveHeader.parse(JSON.parse(line))
      yield line
    }
  }
  const found = await verifyArchive(watched(), verifierKey, ({ data, hash }) => {
    if (data !== undefined) content.update(hash)
  })
  if (!header) throw new Error('the archive is empty')
  return {
    header,
    treeSize: found.size,
    entries: found.entries,
    contentDigest: content.digest('hex'),
    fileDigest: await digestArchiveFile(home, name),
  }
}
