import 'server-only'
import type { Client } from 'pg'

import { askInTurn } from './ask-in-turn.ts'
import type { Leaf } from './seal-store.ts'

const pageSize = 10_000

export type StoredLeaf = Leaf & { readonly index: number }

type Row = [string, string, string | null, string | null, string | null, Buffer]

/** The leaves of an incarnation's tree as they are stored, from an index on, in pages. */
export async function* readLeaves(
  client: Client,
  incarnation: number,
  from: number,
): AsyncGenerator<StoredLeaf[], void, undefined> {
  let next = readPage(client, incarnation, from)
  for (;;) {
    const page = await next
    const last = page.at(-1)
    const full = page.length === pageSize && last !== undefined
    if (full) {
      // The next page is fetched while this one is worked on.
      next = readPage(client, incarnation, last.index + 1)
      next.catch(() => undefined)
    }
    yield page
    if (!full) return
  }
}

async function readPage(client: Client, incarnation: number, from: number): Promise<StoredLeaf[]> {
  const { rows } = await askInTurn<Row>(client, {
    text: `SELECT f.leaf_index::text, f.log::text, f.log_id::text, f.tx_id::text, f.seq::text, f.leaf_hash
             FROM audit.seal_leaf f WHERE f.incarnation = $1 AND f.leaf_index >= $2 ORDER BY f.leaf_index LIMIT ${pageSize}`,
    values: [incarnation, from],
    rowMode: 'array',
  })
  return rows.map(([index, letter, logId, tx, seq, hash]) => ({
    index: Number(index),
    letter,
    logId,
    accessedAt: null,
    tx,
    seq,
    hash,
  }))
}
