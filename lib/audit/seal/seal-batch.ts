import 'server-only'
import type { Client } from 'pg'

import { signCheckpoint } from '#lib/merkle/checkpoint.ts'
import type { SignerKey } from '#lib/merkle/note-key.ts'
import { readUnsealed } from './read-unsealed.ts'
import { keptLevels, writeCheckpoint, writeLeaves, type Node, type SealState } from './seal-store.ts'
import { textSettings } from './sealed-log.ts'

/** Rows sealed in one transaction at most: a second's work, and a bound on memory. */
export const batchMax = 8192

/**
 * Seals the next rows: leaves, completed subtrees and a signed checkpoint, all in one transaction.
 * @returns the state after it, and how many rows were sealed; the state given when there was nothing to do
 * @throws whatever the database says; then nothing was kept, and the state given still stands
 */
export async function sealBatch(
  client: Client,
  state: SealState,
  signer: SignerKey,
  limit = batchMax,
): Promise<{ state: SealState; sealed: number }> {
  await client.query(`${textSettings}; BEGIN ISOLATION LEVEL REPEATABLE READ`)
  try {
    const leaves = await readUnsealed(client, state.watermark, limit)
    const last = leaves.at(-1)
    if (last?.tx == null || last.seq === null) {
      await client.query('ROLLBACK')
      return { state, sealed: 0 }
    }
    const range = state.range.copy()
    const nodes: Node[] = []
    for (const leaf of leaves)
      range.append(leaf.hash, (level, index, hash) => {
        if (keptLevels.has(level)) nodes.push({ level, index, hash })
      })
    const note = signCheckpoint({ origin: state.origin, size: range.size, root: range.root() }, signer)
    const watermark = { tx: last.tx, seq: last.seq }
    const oldest = leaves.reduce<string | null>(
      (least, { accessedAt }) =>
        accessedAt !== null && (least === null || accessedAt < least) ? accessedAt : least,
      null,
    )
    await writeLeaves(client, state.incarnation, state.range.size, leaves, nodes)
    await writeCheckpoint(client, state.incarnation, range, note, watermark, oldest)
    await client.query('COMMIT')
    return { state: { ...state, range, watermark, note }, sealed: leaves.length }
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}
