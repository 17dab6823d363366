import 'server-only'
import { archiveHeader } from '#lib/audit/archive/archive-line.ts'
import { Refused } from '#lib/errors.ts'
import { formatVerifierKey } from '#lib/merkle/note-key.ts'
import { readVerifierKey } from '#lib/ops/seal/seal-key.ts'
import { asService } from '#lib/phi/service-actor.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { readArchiveFile } from './archive-file.ts'
import { readBack } from './read-back.ts'
import { retentionQuery } from './retention-query.ts'

const perCall = 500

/**
 * Puts a month back into the logs from its archive, entry by entry: the database takes none that is not what was sealed.
 * @returns how many entries came back
 * @throws Error when the archive is not what it was
 */
export async function restoreMonth(
  home: string,
  archive: { archiveId: string; fileName: string; incarnation: number },
): Promise<number> {
  const verifier = readVerifierKey(home, archive.incarnation)
  const found = await readBack(home, archive.fileName, formatVerifierKey(verifier)).catch(
    (cause: unknown) => {
      throw new Refused(`${archive.fileName} is not what it was, or not there: put its copy back.`, { cause })
    },
  )
  return asService('people', async (operator) => {
    let rows: { index: number; data: string }[] = []
    let [at, header] = [0, true]
    for await (const text of readArchiveFile(home, archive.fileName)) {
      const line: unknown = JSON.parse(text)
      if (header) {
        at = archiveHeader.parse(line).from
        header = false
        continue
      }
      if (typeof line === 'object' && line !== null && 'data' in line && typeof line.data === 'string')
        rows.push({ index: at, data: line.data })
      at += 1
      if (rows.length < perCall) continue
      await put(operator, archive.archiveId, rows)
      rows = []
    }
    if (rows.length > 0) await put(operator, archive.archiveId, rows)
    await retentionQuery(operator, 'SELECT audit.archive_return_end($1, $2)', [archive.archiveId])
    return found.entries
  })
}

async function put(
  operator: Actor,
  archiveId: string,
  rows: readonly { index: number; data: string }[],
): Promise<void> {
  await retentionQuery(operator, 'SELECT audit.archive_return_rows($1, $2, $3::jsonb)', [
    archiveId,
    JSON.stringify(rows),
  ])
}
