import 'server-only'
import type { Client } from 'pg'

import type { Watermark } from '#lib/audit/seal/seal-store.ts'

/**
 * Where to begin when only what is new is held against the words of its writers: ten minutes before the checkpoint up to which
 * it was done, because a call's rows are called settled up to a minute after they were written.
 * @param size leaves up to which rows were checked before
 */
export async function findWritersStart(
  client: Client,
  incarnation: number,
  size: number,
): Promise<Watermark | undefined> {
  const { rows } = await client.query<{ tx: string | null; seq: string | null }>(
    `SELECT c.tx_id::text AS tx, c.seq::text AS seq FROM audit.checkpoint c
      WHERE c.incarnation = $1 AND c.tree_size <= $2 AND c.sealed_at < (
        SELECT max(k.sealed_at) FROM audit.checkpoint k WHERE k.incarnation = $1 AND k.tree_size <= $2) - interval '10 minutes'
      ORDER BY c.tree_size DESC LIMIT 1`,
    [incarnation, size],
  )
  const [row] = rows
  return row?.tx == null || row.seq === null ? undefined : { tx: row.tx, seq: row.seq }
}
