import 'server-only'
import type { Client } from 'pg'

import { nodeReader } from '#lib/audit/seal/read-node.ts'
import { Paged } from '#lib/audit/seal/paged.ts'
import { readLeaves } from '#lib/audit/seal/read-leaves.ts'
import { readSealState } from '#lib/audit/seal/seal-store.ts'
import { textSettings } from '#lib/audit/seal/sealed-log.ts'
import { Refused } from '#lib/errors.ts'
import { alignedSubtrees, type Subtree } from '#lib/merkle/aligned-subtrees.ts'
import { formatVerifierKey, type VerifierKey } from '#lib/merkle/note-key.ts'
import type { ArchiveHeader } from './archive-line.ts'
import { findMonthRange } from './find-month-range.ts'
import { readMonth } from './read-month.ts'

const cannot = (month: string, why: string): Refused =>
  new Refused(
    `${month.slice(0, 7)} cannot be archived: ${why}. Run "vigil audit verify" and see docs/runbooks/retention.md.`,
  )

/**
 * The lines of an archive of a month: its entries as they were hashed, with what proves them and that none is missing. Each entry is held
 * against its leaf as it goes by, so an archive of what was changed is never finished.
 * @param client as the sealer's login, which may read both logs; in one snapshot
 * @param month its first day, such as 2014-03-01
 * @throws Refused when an entry is not what was sealed, is missing, or is not sealed
 */
export async function* writeArchive(
  client: Client,
  verifier: VerifierKey,
  month: string,
  madeAt: Date,
): AsyncGenerator<string, void, undefined> {
  await client.query(`${textSettings}; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`)
  try {
    const state = await readSealState(client)
    if (!state) throw cannot(month, 'nothing is sealed yet')
    if (state.origin !== verifier.name) throw cannot(month, 'the key is not the one of this tree')
    const { incarnation } = state
    const { from, to, unsealed } = await findMonthRange(client, incarnation, month)
    if (unsealed) throw cannot(month, 'its entries and what was sealed of them are not the same number')
    const readNode = nodeReader(client, incarnation)
    const roots = async (subtrees: readonly Subtree[]): Promise<string[]> => {
      const hashes: string[] = []
      for (const { level, index } of subtrees) hashes.push((await readNode(level, index)).toString('base64'))
      return hashes
    }
    const header: ArchiveHeader = {
      format: 'vigil-archive-1',
      month: month.slice(0, 7),
      madeAt: madeAt.toISOString(),
      verifierKey: formatVerifierKey(verifier),
      checkpoint: state.note,
      incarnation,
      from,
      to,
      left: await roots(alignedSubtrees(0, from)),
      right: await roots(alignedSubtrees(to, state.range.size)),
    }
    yield `${JSON.stringify(header)}\n`
    yield* writeEntries(client, incarnation, month, from, to)
  } finally {
    await client.query('ROLLBACK').catch(() => undefined)
  }
}

async function* writeEntries(
  client: Client,
  incarnation: number,
  month: string,
  from: number,
  to: number,
): AsyncGenerator<string, void, undefined> {
  const leaves = new Paged(readLeaves(client, incarnation, from))
  await leaves.next()
  const skip = async function* (logId: string | null) {
    for (let leaf = leaves.head; leaf && leaf.index < to && leaf.logId !== logId; leaf = leaves.head) {
      yield `${JSON.stringify({ hash: leaf.hash.toString('base64') })}\n`
      const waiting = leaves.next()
      if (waiting) await waiting
    }
  }
  for await (const entry of readMonth(client, month)) {
    yield* skip(entry.logId)
    const leaf = leaves.head
    if (!leaf || leaf.index >= to || !leaf.hash.equals(entry.hash))
      throw cannot(month, `entry ${entry.logId ?? ''} is not what was sealed`)
    yield `${JSON.stringify({ data: entry.data })}\n`
    const waiting = leaves.next()
    if (waiting) await waiting
  }
  yield* skip(null)
}
