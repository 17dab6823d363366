import 'server-only'
import type { Client } from 'pg'

/** The largest tree of an incarnation that an anchor confirmed to hold. */
export type Receipt = { readonly incarnation: number; readonly anchor: string; readonly size: number }

/** The largest tree that each anchor confirmed, as the database has it on record. */
export async function readReceipts(client: Client): Promise<Receipt[]> {
  const { rows } = await client.query<{ incarnation: number; anchor: string; size: string }>(
    `SELECT r.incarnation, r.anchor, max(r.tree_size)::text AS size FROM audit.anchor_receipt r GROUP BY r.incarnation, r.anchor`,
  )
  return rows.map((row) => ({ ...row, size: Number(row.size) }))
}
