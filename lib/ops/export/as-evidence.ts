import 'server-only'
import type { Client } from 'pg'

import { askInTurn } from '#lib/audit/seal/ask-in-turn.ts'
import { leafData, type RowTexts } from '#lib/audit/seal/leaf-data.ts'
import { nodeReader } from '#lib/audit/seal/read-node.ts'
import { readSealState } from '#lib/audit/seal/seal-store.ts'
import { asText, sealedLogs } from '#lib/audit/seal/sealed-log.ts'
import { inclusionProof } from '#lib/merkle/inclusion-proof.ts'
import type { ReadNode } from '#lib/merkle/range-root.ts'
import { leafHash } from '#lib/merkle/tree-hash.ts'
import { ExportFailed } from './export-failed.ts'
import type { ExportPlan } from './export-plan.ts'
import { rememberNodes } from './remember-nodes.ts'

/** An entry at its place in the tree. */
type Placed = { readonly index: number; readonly data: string }

const logIdPlace = sealedLogs.P.columns.findIndex((column) => column.name === 'log_id')

/**
 * Evidence: every entry with its proof, and all the rest of the signed tree as hashes, in the order of the leaves (`vigil-evidence-2`). A reader
 * checks each proof by itself, and by folding all lines into the signed root that nothing between the entries was left out
 * uncounted: what is not shown is there as a hash.
 *
 * Rows must be sealed first; the newest checkpoint is waited for, because an export may be asked for within the second in which somebody acted.
 * @param waitForSeal resolves after a while, for another look
 * @throws ExportFailed when an entry is not sealed in time, or is not what was sealed
 */
export async function* asEvidence(
  client: Client,
  pages: AsyncIterable<readonly RowTexts[]>,
  plan: ExportPlan,
  waitForSeal: () => Promise<void>,
): AsyncGenerator<Buffer, void, undefined> {
  const placed: Placed[] = []
  for await (const page of pages) placed.push(...(await placeRows(client, page, waitForSeal)))
  placed.sort((left, right) => left.index - right.index)
  const state = await readSealState(client)
  if (!state) throw new ExportFailed('not-sealed-yet')
  const { size } = state.range
  const head = {
    format: 'vigil-evidence-2',
    madeAt: plan.requestedAt.toISOString(),
    madeFor: plan.requesterName,
    export: plan.exportId,
    criteria: plan.criteria,
    verifierKey: state.verifierKey,
    checkpoint: state.note,
    entries: placed.length,
  }
  yield Buffer.from(`${JSON.stringify(head)}\n`)
  const readNode = rememberNodes(nodeReader(client, state.incarnation))
  let from = 0
  for (const { index, data } of placed) {
    for (const line of await redacted(readNode, from, index)) yield line
    const proof = await inclusionProof(readNode, index, size)
    const encoded = proof.map((hash) => hash.toString('base64'))
    yield Buffer.from(`${JSON.stringify({ index, data, proof: encoded })}\n`)
    from = index + 1
  }
  for (const line of await redacted(readNode, from, size)) yield line
}

/** Lines for the leaves from (included) to (excluded) that are not shown: the fewest complete subtrees that they are made of. */
async function redacted(readNode: ReadNode, from: number, to: number): Promise<Buffer[]> {
  const lines: Buffer[] = []
  for (let at = from; at < to;) {
    let level = 0
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= to) level += 1
    const hash = await readNode(level, at / 2 ** level)
    lines.push(Buffer.from(`${JSON.stringify({ index: at, level, hash: hash.toString('base64') })}\n`))
    at += 2 ** level
  }
  return lines
}

type LeafRow = [index: string, logId: string, hash: string]

/** Where each row of a page stands in the tree, after holding it against what was sealed. */
async function placeRows(
  client: Client,
  page: readonly RowTexts[],
  waitForSeal: () => Promise<void>,
): Promise<Placed[]> {
  const leaves = await readLeaves(client, page, waitForSeal)
  return page.map((row) => {
    const data = leafData(sealedLogs.P, row)
    const leaf = leaves.get(row[logIdPlace] ?? '')
    if (!leaf) throw new ExportFailed('not-sealed-yet')
    // Evidence that its own verifier refuses is none.
    if (leafHash(data).toString('hex') !== leaf.hash) throw new ExportFailed('changed-since-sealed')
    return { index: leaf.index, data }
  })
}

const patience = 30

async function readLeaves(
  client: Client,
  page: readonly RowTexts[],
  waitForSeal: () => Promise<void>,
): Promise<Map<string, { index: number; hash: string }>> {
  for (let tried = 0; ; tried += 1) {
    const { rows } = await askInTurn<LeafRow>(client, {
      text: `SELECT f.leaf_index, f.log_id, encode(f.leaf_hash, 'hex') FROM audit.seal_leaf f
              WHERE f.log_id = ANY ($1::uuid[]) AND f.log = 'P'
                AND f.incarnation = (SELECT max(i.incarnation) FROM audit.seal_incarnation i)`,
      values: [page.map((row) => row[logIdPlace])],
      rowMode: 'array',
      types: asText,
    })
    if (rows.length >= page.length || tried >= patience)
      return new Map(rows.map(([index, logId, hash]) => [logId, { index: Number(index), hash }]))
    await waitForSeal()
  }
}
