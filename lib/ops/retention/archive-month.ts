import 'server-only'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'

import { writeArchive } from '#lib/audit/archive/write-archive.ts'
import { readSealState } from '#lib/audit/seal/seal-store.ts'
import { now } from '#lib/clock.ts'
import { Refused } from '#lib/errors.ts'
import { formatVerifierKey } from '#lib/merkle/note-key.ts'
import { readVerifierKey } from '#lib/ops/seal/seal-key.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { archiveFolder, writeArchiveFile } from './archive-file.ts'
import { readBack } from './read-back.ts'
import { retentionQuery } from './retention-query.ts'
import { refused } from './retention-words.ts'

/** A month that left, and its file. */
export type ArchivedMonth = {
  readonly month: string
  readonly file: string
  readonly sha256: string
  readonly entries: number
}

const triesMax = 20
const pauseMilliseconds = 500

/**
 * Archives a month that two persons agreed on: writes its file, reads it back from the disk, checks it by the outsiders' verifier, and only
 * then lets the database take the month out of the logs. Killed at any instant, it begins again with the file.
 * @param client as the sealer's login
 * @param month its first day, such as 2014-03-01
 * @throws Refused when an entry is not what was sealed, or the database refuses
 */
export async function archiveMonth(
  client: Client,
  home: string,
  requestId: string,
  month: string,
): Promise<ArchivedMonth> {
  const incarnation = (await readSealState(client))?.incarnation ?? 1
  const verifier = readVerifierKey(home, incarnation)
  // The request's number in the name: a second archive of a month that came back lies beside the first.
  const file = `trail-${month.slice(0, 7)}-${requestId.slice(0, 8)}.ndjson.gz.sealed`
  const written = await writeArchiveFile(home, file, writeArchive(client, verifier, month, now()))
  try {
    const found = await readBack(home, file, formatVerifierKey(verifier))
    if (found.fileDigest !== written || found.header.month !== month.slice(0, 7))
      throw new Refused(
        `${file} was read back otherwise than it was written: look at the disk, then try again.`,
      )
    const refusal = await detach(requestId, {
      incarnation,
      first_leaf: found.header.from,
      end_leaf: found.header.to,
      tree_size: found.treeSize,
      file,
      sha256: found.fileDigest,
      digest: found.contentDigest,
    })
    if (refusal !== null) throw refused(refusal)
    return { month: month.slice(0, 7), file, sha256: found.fileDigest, entries: found.entries }
  } catch (error) {
    // A file without a record is nobody's.
    if (error instanceof Refused) await rm(path.join(archiveFolder(home), file), { force: true })
    throw error
  }
}

/** The database's answer; the newest checkpoint may take a moment until its anchor has it. */
async function detach(requestId: string, found: Readonly<Record<string, unknown>>): Promise<string | null> {
  for (let tries = 1; ; tries += 1) {
    const [row] = await asService('people', (operator) =>
      retentionQuery<{ refusal: string | null }>(
        operator,
        'SELECT audit.archive_detach($1, $2, $3::jsonb) AS refusal',
        [requestId, JSON.stringify(found)],
      ),
    )
    if (row?.refusal !== 'not-anchored' || tries >= triesMax)
      return row === undefined ? 'unknown' : row.refusal
    await sleep(pauseMilliseconds)
  }
}
