import 'server-only'
import type { Client } from 'pg'

import { openCheckpoint } from '#lib/merkle/checkpoint.ts'
import { CompactRange } from '#lib/merkle/compact-range.ts'
import { NoteRefused } from '#lib/merkle/note-error.ts'
import type { VerifierKey } from '#lib/merkle/note-key.ts'
import type { Findings } from './findings.ts'
import { divideRoots, type Watermark } from './seal-store.ts'

/** A tree that a verification goes on from, with the last row that is in it. */
export type StartingPoint = { readonly range: CompactRange; readonly watermark: Watermark }

/** The very beginning. */
export const atTheBeginning: StartingPoint = { range: new CompactRange(), watermark: { tx: '0', seq: '0' } }

type Row = { size: string; compact_range: Buffer; tx_id: string | null; seq: string | null; note: string }

/**
 * The signed checkpoint that a verification may go on from: the newest one that is no larger than was asked for, or than
 * was found in order before. Its signature is checked here; what stands before it is not looked at again.
 */
export async function findStartingPoint(
  client: Client,
  incarnation: number,
  verifier: VerifierKey,
  size: number | undefined,
  findings: Findings,
): Promise<StartingPoint> {
  const { rows } = await client.query<Row>(
    `SELECT c.tree_size::text AS size, c.compact_range, c.tx_id::text, c.seq::text, c.note FROM audit.checkpoint c
      WHERE c.incarnation = $1 AND c.tree_size <= coalesce($2::bigint,
        (SELECT max(v.tree_size) FROM audit.verification v WHERE v.incarnation = $1 AND v.ok AND v.mode <> 'sample'), 0)
      ORDER BY c.tree_size DESC LIMIT 1`,
    [incarnation, size ?? null],
  )
  const [row] = rows
  if (!row) return atTheBeginning
  try {
    const range = new CompactRange(Number(row.size), divideRoots(row.compact_range))
    const signed = openCheckpoint(row.note, verifier)
    if (signed.size !== range.size || !signed.root.equals(range.root()))
      throw new NoteRefused('the note is about another tree')
    return { range, watermark: { tx: row.tx_id ?? '0', seq: row.seq ?? '0' } }
  } catch (error) {
    if (!(error instanceof NoteRefused || error instanceof RangeError)) throw error
    findings.say(
      'HISTORY_REWRITTEN',
      Number(row.size) - 1,
      null,
      `the checkpoint of ${row.size} leaves in the database does not hold: ${error.message}`,
    )
    return atTheBeginning
  }
}
