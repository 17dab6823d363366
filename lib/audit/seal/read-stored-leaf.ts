import 'server-only'
import type { Client } from 'pg'

import { asText, type LogLetter } from './sealed-log.ts'

/** One leaf as it is stored, with what finds its row. */
export type RowLeaf = {
  readonly letter: LogLetter
  readonly logId: string | null
  /** as PostgreSQL prints it, to the microsecond */
  readonly accessedAt: string | null
  readonly hash: Buffer
}

/** The leaf at a place of an incarnation's tree. */
export async function readStoredLeaf(
  client: Client,
  incarnation: number,
  index: number,
): Promise<RowLeaf | undefined> {
  const { rows } = await client.query<{ log: LogLetter; log_id: string; accessed_at: string; hash: string }>({
    text: `SELECT f.log, f.log_id, f.accessed_at, encode(f.leaf_hash, 'hex') AS hash FROM audit.seal_leaf f
            WHERE f.incarnation = $1 AND f.leaf_index = $2`,
    values: [incarnation, index],
    types: asText,
  })
  const [row] = rows
  return (
    row && {
      letter: row.log,
      logId: row.log_id,
      accessedAt: row.accessed_at,
      hash: Buffer.from(row.hash, 'hex'),
    }
  )
}
