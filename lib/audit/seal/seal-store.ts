import 'server-only'
import type { Client } from 'pg'

import { copyIn } from '#lib/db/copy-in.ts'
import { CompactRange } from '#lib/merkle/compact-range.ts'
import type { Hash } from '#lib/merkle/tree-hash.ts'
import type { LeafFormat } from './leaf-data.ts'

/** The last sealed row's place in the order of sealing: everything up to it is sealed. */
export type Watermark = { readonly tx: string; readonly seq: string }

/** Where a tree stands. */
export type SealState = {
  readonly incarnation: number
  readonly origin: string
  readonly verifierKey: string
  readonly range: CompactRange
  readonly watermark: Watermark
  readonly note: string
}

type Row = {
  incarnation: number
  origin: string
  verifier_key: string
  tree_size: string
  compact_range: Buffer
  tx_id: string | null
  seq: string | null
  note: string
}

/** The newest checkpoint of the present incarnation; undefined before the first. */
export async function readSealState(client: Client): Promise<SealState | undefined> {
  const { rows } = await client.query<Row>(
    `SELECT i.incarnation, i.origin, i.verifier_key, c.tree_size::text, c.compact_range, c.tx_id::text, c.seq::text, c.note
       FROM audit.seal_incarnation i JOIN audit.checkpoint c ON c.incarnation = i.incarnation
      ORDER BY i.incarnation DESC, c.tree_size DESC LIMIT 1`,
  )
  const [row] = rows
  if (!row) return undefined
  return {
    incarnation: row.incarnation,
    origin: row.origin,
    verifierKey: row.verifier_key,
    range: new CompactRange(Number(row.tree_size), divideRoots(row.compact_range)),
    watermark: { tx: row.tx_id ?? '0', seq: row.seq ?? '0' },
    note: row.note,
  }
}

/** Hashes that stand behind each other, one by one. */
export function divideRoots(bytes: Buffer): Hash[] {
  return Array.from({ length: bytes.length / 32 }, (_, at) => bytes.subarray(at * 32, (at + 1) * 32))
}

/** A row of a log as a leaf. */
export type Leaf = {
  readonly letter: string
  readonly logId: string | null
  readonly accessedAt: string | null
  readonly tx: string | null
  readonly seq: string | null
  /** which list of columns was hashed; 1 unless it says otherwise */
  readonly format?: LeafFormat
  readonly hash: Hash
}

export type Node = { readonly level: number; readonly index: number; readonly hash: Hash }

/** Levels whose complete subtrees are kept: a proof reads at most 256 hashes of each. */
export const keptLevels: ReadonlySet<number> = new Set([8, 16, 24])

/** NULL, as COPY spells it. */
const none = '\\N'
const into =
  'audit.seal_leaf (incarnation, leaf_index, log, log_id, accessed_at, tx_id, seq, format, leaf_hash)'

/** Writes leaves, in their order from `first` on, and the subtrees that they completed. */
export async function writeLeaves(
  client: Client,
  incarnation: number,
  first: number,
  leaves: readonly Leaf[],
  nodes: readonly Node[],
): Promise<void> {
  const head = `${incarnation}\t`
  let lines = ''
  leaves.forEach(({ letter, logId, accessedAt, tx, seq, format, hash }, at) => {
    lines += `${head}${first + at}\t${letter}\t${logId ?? none}\t${accessedAt ?? none}\t${tx ?? none}\t${seq ?? none}\t${format ?? 1}\t\\\\x${hash.toString('hex')}\n`
  })
  await copyIn(client, into, lines)
  if (nodes.length === 0) return
  await client.query(
    `INSERT INTO audit.seal_node (incarnation, level, node_index, hash)
     SELECT $1, n.level, n.node_index, n.hash FROM unnest($2::smallint[], $3::bigint[], $4::bytea[]) AS n (level, node_index, hash)`,
    [
      incarnation,
      nodes.map((node) => node.level),
      nodes.map((node) => node.index),
      nodes.map((node) => node.hash),
    ],
  )
}

/** Writes a checkpoint over everything that was appended. */
export async function writeCheckpoint(
  client: Client,
  incarnation: number,
  range: CompactRange,
  note: string,
  watermark: Watermark | undefined,
  oldestAt: string | null,
): Promise<void> {
  await client.query(
    `INSERT INTO audit.checkpoint (incarnation, tree_size, root, compact_range, tx_id, seq, note, oldest_at)
     VALUES ($1, $2, $3, $4, $5::xid8, $6::bigint, $7, $8::timestamptz)`,
    [
      incarnation,
      range.size,
      range.root(),
      Buffer.concat([...range.roots]),
      watermark?.tx ?? null,
      watermark?.seq ?? null,
      note,
      oldestAt,
    ],
  )
}
