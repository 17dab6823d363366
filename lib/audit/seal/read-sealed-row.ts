import 'server-only'
import type { Client } from 'pg'

import { toLeaf } from './read-unsealed.ts'
import type { RowLeaf } from './read-stored-leaf.ts'
import type { Leaf } from './seal-store.ts'
import { asText, sealedLogs } from './sealed-log.ts'

/** The row of a leaf as it stands now, hashed; undefined when it is gone. */
export async function readSealedRow(client: Client, leaf: RowLeaf): Promise<Leaf | undefined> {
  const log = sealedLogs[leaf.letter]
  const { rows } = await client.query<(string | null)[]>({
    text: `SELECT ${log.select} FROM audit.${log.table} l WHERE l.log_id = $1 AND l.accessed_at = $2::timestamptz`,
    values: [leaf.logId, leaf.accessedAt],
    rowMode: 'array',
    types: asText,
  })
  return rows[0] && toLeaf(log, rows[0])
}
