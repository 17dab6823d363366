import 'server-only'
import type { Client } from 'pg'

import { copyOut } from '#lib/db/copy-out.ts'
import { leafHash } from '#lib/merkle/tree-hash.ts'
import { leafData, leafFormatOf, type RowTexts } from './leaf-data.ts'
import type { Leaf, Watermark } from './seal-store.ts'
import { sealedLogs, type SealedLog } from './sealed-log.ts'

/**
 * The next rows to seal, in the order of (tx_id, seq), hashed. Only rows of transactions that are older than every one
 * that still runs: below that line nothing can appear any more, so no row is ever passed over. The caller's transaction
 * has one snapshot for both logs (REPEATABLE READ).
 */
export async function readUnsealed(client: Client, after: Watermark, limit: number): Promise<Leaf[]> {
  const { rows } = await client.query<{ xmin: string }>(
    'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xmin',
  )
  const below = rows[0]?.xmin ?? '0'
  const patient = await readLog(client, sealedLogs.P, after, below, limit)
  const security = await readLog(client, sealedLogs.S, after, below, limit)
  return mergeLeaves(patient, security).slice(0, limit)
}

async function readLog(
  client: Client,
  log: SealedLog,
  after: Watermark,
  below: string,
  limit: number,
): Promise<Leaf[]> {
  const value = (text: string) => client.escapeLiteral(text)
  return copyOut(
    client,
    `SELECT ${log.select} FROM audit.${log.table} l
      WHERE (l.tx_id, l.seq) > (${value(after.tx)}::xid8, ${value(after.seq)}::bigint) AND l.tx_id < ${value(below)}::xid8
      ORDER BY l.tx_id, l.seq LIMIT ${limit}`,
    (row) => toLeaf(log, row),
  )
}

/** The leaf of a row of a log. */
export function toLeaf(log: SealedLog, row: RowTexts): Leaf {
  const at = places[log.letter]
  const format = leafFormatOf(log, row)
  return {
    letter: log.letter,
    logId: row[at.logId] ?? null,
    accessedAt: row[at.accessedAt] ?? null,
    tx: row[at.tx] ?? null,
    seq: row[at.seq] ?? null,
    format,
    hash: leafHash(leafData(log, row, format)),
  }
}

const placesOf = (log: SealedLog) => {
  const of = (name: string) => log.columns.findIndex((column) => column.name === name)
  return { logId: of('log_id'), accessedAt: of('accessed_at'), tx: of('tx_id'), seq: of('seq') }
}
const places = { P: placesOf(sealedLogs.P), S: placesOf(sealedLogs.S) }

/** Two lists in sealing order as one. */
export function mergeLeaves(first: readonly Leaf[], second: readonly Leaf[]): Leaf[] {
  const merged: Leaf[] = []
  let left = 0
  let right = 0
  while (left < first.length || right < second.length) {
    const a = first[left]
    const b = second[right]
    if (a && (!b || isBefore(a, b))) {
      merged.push(a)
      left += 1
    } else if (b) {
      merged.push(b)
      right += 1
    }
  }
  return merged
}

/** Whether a leaf comes before another: by transaction, then by sequence number. */
export function isBefore(a: Pick<Leaf, 'tx' | 'seq'>, b: Pick<Leaf, 'tx' | 'seq'>): boolean {
  const byTx = compareNumbers(a.tx ?? '0', b.tx ?? '0')
  return byTx === 0 ? compareNumbers(a.seq ?? '0', b.seq ?? '0') < 0 : byTx < 0
}

/** Compares whole numbers in decimal. Sixty-four bits do not fit a number, and making a BigInt of each costs more than hashing. */
function compareNumbers(a: string, b: string): number {
  if (a === b) return 0
  if (a.startsWith('-') || b.startsWith('-')) return BigInt(a) < BigInt(b) ? -1 : 1
  return a.length === b.length ? (a < b ? -1 : 1) : a.length - b.length
}
