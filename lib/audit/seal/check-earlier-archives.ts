import 'server-only'
import { createHash } from 'node:crypto'

import { archiveHeader, type ArchiveHeader } from '#lib/audit/archive/archive-line.ts'
import type { ArchiveSource } from '#lib/audit/archive/archive-source.ts'
import type { EarlierArchive } from '#lib/audit/archive/list-earlier-archives.ts'
import { formatVerifierKey, verifierKey, type VerifierKey } from '#lib/merkle/note-key.ts'
import { verifyArchive } from '#lib/verifier/verify.mjs'
import type { Findings } from './findings.ts'

/**
 * Archives from before a restore that was acknowledged: their entries are in no leaf of the present tree, so each is held against the
 * tree that it was written from, by the outsiders' verifier, and against the digest of the month when it left.
 * @param verifier the present tree's; the trees before it are signed by the same key under the name with their own number
 */
export async function checkEarlierArchives(
  archives: readonly EarlierArchive[],
  source: ArchiveSource,
  verifier: VerifierKey,
  findings: Findings,
): Promise<void> {
  for (const archive of archives) {
    const name = verifier.name.replace(/[/][0-9]+$/, `/${archive.incarnation}`)
    const key = formatVerifierKey(verifierKey(name, 'ed25519', verifier.key))
    const why = await faultOf(archive, source, key)
    if (why !== null)
      findings.say(
        'ARCHIVE_MISSING',
        archive.firstLeaf,
        null,
        `the archive of ${archive.month} with ${archive.entries} entries, from tree ${archive.incarnation}, is not what left (${archive.fileName}: ${why})`,
      )
  }
}

/** What is wrong with an archive; null when it is what left. */
async function faultOf(archive: EarlierArchive, source: ArchiveSource, key: string): Promise<string | null> {
  const content = createHash('sha256')
  let header: ArchiveHeader | undefined
  async function* watched(): AsyncGenerator<string, void, undefined> {
    for await (const line of source.lines(archive.fileName)) {
      header ??= archiveHeader.parse(JSON.parse(line))
      yield line
    }
  }
  try {
    await verifyArchive(watched(), key, ({ data, hash }) => {
      if (data !== undefined) content.update(hash)
    })
  } catch (error) {
    return error instanceof Error && 'code' in error && typeof error.code === 'string'
      ? error.code
      : 'it does not verify'
  }
  const isWhole =
    header?.month === archive.month &&
    header.from === archive.firstLeaf &&
    header.to === archive.endLeaf &&
    content.digest('hex') === archive.contentDigest
  return isWhole ? null : 'it is another one, or lacks entries'
}
