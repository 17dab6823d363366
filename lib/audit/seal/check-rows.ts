import 'server-only'
import type { Client } from 'pg'

import { mergeRows } from '#lib/audit/archive/merge-rows.ts'
import { readArchived, type ArchivedRows } from '#lib/audit/archive/read-archived.ts'
import type { Findings } from './findings.ts'
import { Paged } from './paged.ts'
import { readLeaves } from './read-leaves.ts'
import { isBefore } from './read-unsealed.ts'
import { readSealedRows } from './row-reader.ts'
import type { Watermark } from './seal-store.ts'
import type { StartingPoint } from './starting-point.ts'
import type { TreeCheck } from './tree-check.ts'
import { Unmatched } from './unmatched.ts'

const tellEvery = 10_000

type Plan = {
  readonly client: Client
  readonly incarnation: number
  readonly start: StartingPoint
  /** the last row that was sealed */
  readonly through: Watermark
  readonly tree: TreeCheck
  readonly findings: Findings
  /** months whose entries are in files */
  readonly archived: ArchivedRows | undefined
  readonly onProgress: (done: number) => void
}

/**
 * Holds rows and leaves against each other, side by side in sealing order, and hands each leaf to the tree.
 * @returns leaves that were looked at, and when the last of their rows was written
 */
export async function checkRows(plan: Plan): Promise<{ checked: number; through: string | null }> {
  const { client, incarnation, start, tree, findings } = plan
  const unmatched = new Unmatched(findings)
  const leaves = new Paged(readLeaves(client, incarnation, start.range.size))
  const sealed = readSealedRows(client, start.watermark, plan.through)
  const rows = new Paged(
    plan.archived?.list.length
      ? mergeRows(readArchived(plan.archived, findings, start.range.size), sealed)
      : sealed,
  )
  await leaves.next()
  await rows.next()
  let checked = 0
  let through: string | null = null
  for (let leaf = leaves.head; leaf; leaf = leaves.head) {
    const signed = tree.take(leaf)
    if (signed) await signed
    checked += 1
    if (checked % tellEvery === 0) plan.onProgress(tree.size)
    if (leaf.letter !== 'G') {
      let row = rows.head
      while (row && row.logId !== leaf.logId && isBefore(row, leaf)) {
        unmatched.row(row)
        const waiting = rows.next()
        if (waiting) await waiting
        row = rows.head
      }
      if (row?.logId === leaf.logId) {
        if (!row.hash.equals(leaf.hash))
          findings.say('ROW_EDITED', leaf.index, leaf.logId, 'the row does not hash to its leaf')
        through = row.accessedAt
        const waiting = rows.next()
        if (waiting) await waiting
      } else {
        unmatched.leaf(leaf)
      }
    }
    const waiting = leaves.next()
    if (waiting) await waiting
  }
  for (let row = rows.head; row; row = rows.head) {
    unmatched.row(row)
    await rows.next()
  }
  unmatched.tell()
  return { checked, through }
}
