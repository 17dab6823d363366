import 'server-only'
import type { Client } from 'pg'

import type { ReadNode } from '#lib/merkle/range-root.ts'
import { nodeHash, type Hash } from '#lib/merkle/tree-hash.ts'
import { askInTurn } from './ask-in-turn.ts'

/** Leaves, or roots of subtrees, that should be there are not. */
export class MissingNode extends Error {
  override readonly name = 'MissingNode'
}

/** Reads roots of complete subtrees of an incarnation's tree: from the kept ones, or from the leaves below. */
export const nodeReader =
  (client: Client, incarnation: number): ReadNode =>
  async (level, index) => {
    const base = level >= 24 ? 24 : level >= 16 ? 16 : level >= 8 ? 8 : 0
    const count = 2 ** (level - base)
    const hashes = await (base === 0
      ? readLeafHashes(client, incarnation, index * count, count)
      : readNodes(client, incarnation, base, index * count, count))
    if (hashes.length !== count) throw new MissingNode('the tree in the database lacks a part of itself')
    return fold(hashes)
  }

async function readLeafHashes(
  client: Client,
  incarnation: number,
  from: number,
  count: number,
): Promise<Hash[]> {
  const { rows } = await askInTurn<[Buffer]>(client, {
    text: `SELECT f.leaf_hash FROM audit.seal_leaf f
            WHERE f.incarnation = $1 AND f.leaf_index >= $2 AND f.leaf_index < $3 ORDER BY f.leaf_index`,
    values: [incarnation, from, from + count],
    rowMode: 'array',
  })
  return rows.map(([hash]) => hash)
}

async function readNodes(
  client: Client,
  incarnation: number,
  level: number,
  from: number,
  count: number,
): Promise<Hash[]> {
  const { rows } = await askInTurn<[Buffer]>(client, {
    text: `SELECT n.hash FROM audit.seal_node n
            WHERE n.incarnation = $1 AND n.level = $2 AND n.node_index >= $3 AND n.node_index < $4 ORDER BY n.node_index`,
    values: [incarnation, level, from, from + count],
    rowMode: 'array',
  })
  return rows.map(([hash]) => hash)
}

/** Root over a power of two of hashes. */
function fold(hashes: readonly Hash[]): Hash {
  const [first, second] = hashes
  if (!first) throw new Error('no hash to fold')
  if (!second) return first
  const half = hashes.length / 2
  return nodeHash(fold(hashes.slice(0, half)), fold(hashes.slice(half)))
}
