import 'server-only'
import { randomInt } from 'node:crypto'
import type { Client } from 'pg'

import type { CompactRange } from '#lib/merkle/compact-range.ts'
import { inclusionProof, rootOfInclusion } from '#lib/merkle/inclusion-proof.ts'
import type { Findings } from './findings.ts'
import { MissingNode, nodeReader } from './read-node.ts'
import { readSealedRow } from './read-sealed-row.ts'
import { readStoredLeaf } from './read-stored-leaf.ts'

type Plan = {
  readonly client: Client
  readonly incarnation: number
  /** the tree of the newest signed checkpoint */
  readonly range: CompactRange
  /** entries to look at */
  readonly count: number
  readonly findings: Findings
}

/** Picks entries at random, holds each against its leaf, and proves that the leaf is in the signed tree. */
export async function checkSample({
  client,
  incarnation,
  range,
  count,
  findings,
}: Plan): Promise<{ checked: number; through: string | null }> {
  const readNode = nodeReader(client, incarnation)
  const picked = pickIndexes(range.size, count)
  let through: string | null = null
  for (const index of picked) {
    const leaf = await readStoredLeaf(client, incarnation, index)
    if (!leaf?.logId) {
      findings.say('ROW_DELETED', index, null, 'this leaf is gone')
      continue
    }
    const row = await readSealedRow(client, leaf)
    if (!row) findings.say('ROW_DELETED', index, leaf.logId, 'the row of this leaf is gone')
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
  return { checked: picked.length, through }
}

/** Different places of rows, in order; the first leaf is no row but the tree's own description. */
function pickIndexes(size: number, count: number): number[] {
  if (count >= size - 1) return Array.from({ length: Math.max(0, size - 1) }, (_, at) => at + 1)
  const picked = new Set<number>()
  while (picked.size < count) picked.add(randomInt(1, size))
  return [...picked].sort((a, b) => a - b)
}
