import 'server-only'
import { Refused } from '#lib/errors.ts'
import { formatVerifierKey } from '#lib/merkle/note-key.ts'
import { readVerifierKey } from '#lib/ops/seal/seal-key.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { readBack } from './read-back.ts'
import { readRetention } from './read-retention.ts'
import { retentionQuery } from './retention-query.ts'
import { refused } from './retention-words.ts'

/**
 * Drops the tables of a month that was set aside, once its archive was read back again.
 * @param month its first day, such as 2014-03-01
 * @throws Refused when there is none, it is too early, or the archive is not what it was
 */
export const dropMonth = (home: string, month: string): Promise<void> =>
  asService('people', async (operator) => {
    const { months } = await readRetention(operator)
    const archive = months.find((each) => each.month === month.slice(0, 7) && each.state === 'detached')
    if (archive?.archiveId == null || archive.fileName === null || archive.incarnation === null)
      throw refused('nothing-set-aside')
    const verifier = readVerifierKey(home, archive.incarnation)
    const found = await readBack(home, archive.fileName, formatVerifierKey(verifier)).catch(
      (cause: unknown) => {
        throw new Refused(`${archive.fileName} is not what it was, or not there: nothing was dropped.`, {
          cause,
        })
      },
    )
    const [row] = await retentionQuery<{ refusal: string | null }>(
      operator,
      'SELECT audit.archive_drop($1, $2, $3) AS refusal',
      [archive.archiveId, found.contentDigest],
    )
    if (!row || row.refusal !== null) throw refused(row?.refusal ?? 'unknown')
  })
