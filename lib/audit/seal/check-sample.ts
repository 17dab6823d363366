import 'server-only'
import { randomInt } from 'node:crypto'
import type { Client } from 'pg'

import { readArchived, type ArchivedRows } from '#lib/audit/archive/read-archived.ts'
import type { CompactRange } from '#lib/merkle/compact-range.ts'
import { inclusionProof, rootOfInclusion } from '#lib/merkle/inclusion-proof.ts'
import type { Findings } from './findings.ts'
import { MissingNode, nodeReader } from './read-node.ts'
import { readSealedRow } from './read-sealed-row.ts'
import { readStoredLeaf, type RowLeaf } from './read-stored-leaf.ts'

type Plan = {
  readonly client: Client
  readonly incarnation: number
  /** the tree of the newest signed checkpoint */
  readonly range: CompactRange
  /** entries to look at */
  readonly count: number
  readonly findings: Findings
  /** months whose entries are in files */
  readonly archived: ArchivedRows | undefined
}

/** Picks entries at random, holds each against its leaf, and proves that the leaf is in the signed tree. */
export async function checkSample({
  client,
  incarnation,
  range,
  count,
  findings,
  archived,
}: Plan): Promise<{ checked: number; through: string | null }> {
  const readNode = nodeReader(client, incarnation)
  const picked = pickIndexes(range.size, count)
  let through: string | null = null
  const missing = new Map<number, RowLeaf>()
  for (const index of picked) {
    const leaf = await readStoredLeaf(client, incarnation, index)
    if (!leaf?.logId) {
      findings.say('ROW_DELETED', index, null, 'this leaf is gone')
      continue
    }
    const row = await readSealedRow(client, leaf)
    if (!row) missing.set(index, leaf)
    else if (!row.hash.equals(leaf.hash))
      findings.say('ROW_EDITED', index, leaf.logId, 'the row does not hash to its leaf')
    if (row && (through === null || (row.accessedAt ?? '') > through)) through = row.accessedAt
    try {
      const proof = await inclusionProof(readNode, index, range.size)
      if (rootOfInclusion(leaf.hash, index, range.size, proof)?.equals(range.root()) !== true)
        findings.say('HISTORY_REWRITTEN', index, leaf.logId, 'this leaf does not lead to the signed root')
    } catch (error) {
      if (!(error instanceof MissingNode)) throw error
      findings.say(
        'HISTORY_REWRITTEN',
        index,
        leaf.logId,
        'the tree lacks what leads from this leaf to its root',
      )
    }
  }
  await lookInArchives(client, missing, archived, findings)
  return { checked: picked.length, through }
}

/** Entries that are not in the logs are in an archive, as they were sealed, or gone. */
async function lookInArchives(
  client: Client,
  missing: Map<number, RowLeaf>,
  archived: ArchivedRows | undefined,
  findings: Findings,
): Promise<void> {
  if (missing.size > 0 && archived)
    for await (const page of readArchived(archived, findings)) {
      // A transaction that says nothing for ten seconds is ended.
      await client.query('SELECT 1')
      for (const { index, logId, hash } of page) {
        const leaf = missing.get(index)
        if (!leaf || !missing.delete(index) || hash.equals(leaf.hash)) continue
        findings.say('ROW_EDITED', index, logId, 'the row in its archive does not hash to its leaf')
      }
    }
  for (const [index, { logId }] of missing)
    findings.say('ROW_DELETED', index, logId, 'the row of this leaf is gone')
}

/** Different places of rows, in order; the first leaf is no row but the tree's own description. */
function pickIndexes(size: number, count: number): number[] {
  if (count >= size - 1) return Array.from({ length: Math.max(0, size - 1) }, (_, at) => at + 1)
  const picked = new Set<number>()
  while (picked.size < count) picked.add(randomInt(1, size))
  return [...picked].sort((a, b) => a - b)
}
