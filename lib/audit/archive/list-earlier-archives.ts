import 'server-only'
import type { Client } from 'pg'

import type { Archived } from './list-archives.ts'

/** An archive whose leaves are in a tree that is over. */
export type EarlierArchive = Archived & {
  readonly incarnation: number
  readonly endLeaf: number
  /** SHA-256 over the leaf hashes of its entries, hexadecimal, as it was when the month left */
  readonly contentDigest: string
}

/** Months that left the logs before the last restore was acknowledged, in the order of their trees. */
export async function listEarlierArchives(client: Client, incarnation: number): Promise<EarlierArchive[]> {
  const { rows } = await client.query<{
    month: string
    incarnation: number
    first_leaf: string
    end_leaf: string
    entries: string
    file_name: string
    content_digest: string
  }>(
    `SELECT to_char(t.month, 'YYYY-MM') AS month, t.incarnation, t.first_leaf::text, t.end_leaf::text,
            (t.patient_rows + t.security_rows)::text AS entries, t.file_name, encode(t.content_digest, 'hex') AS content_digest
       FROM audit.trail_archive t WHERE t.incarnation < $1 AND t.state <> 'restored' ORDER BY t.incarnation, t.first_leaf, t.month`,
    [incarnation],
  )
  return rows.map((row) => ({
    month: row.month,
    incarnation: row.incarnation,
    firstLeaf: Number(row.first_leaf),
    endLeaf: Number(row.end_leaf),
    entries: Number(row.entries),
    fileName: row.file_name,
    contentDigest: row.content_digest,
  }))
}
