import 'server-only'
import type { Client } from 'pg'

/** A month whose entries are in a file and no longer in the logs. */
export type Archived = {
  /** such as 2014-03 */
  readonly month: string
  readonly firstLeaf: number
  readonly entries: number
  readonly fileName: string
}

/** The archives of an incarnation's tree that have leaves from an index on, in the order of the tree. */
export async function listArchives(client: Client, incarnation: number, from: number): Promise<Archived[]> {
  const { rows } = await client.query<{
    month: string
    first_leaf: string
    entries: string
    file_name: string
  }>(
    `SELECT to_char(t.month, 'YYYY-MM') AS month, t.first_leaf::text, (t.patient_rows + t.security_rows)::text AS entries, t.file_name
       FROM audit.trail_archive t WHERE t.incarnation = $1 AND t.end_leaf > $2 AND t.state <> 'restored' ORDER BY t.first_leaf, t.month`,
    [incarnation, from],
  )
  return rows.map((row) => ({
    month: row.month,
    firstLeaf: Number(row.first_leaf),
    entries: Number(row.entries),
    fileName: row.file_name,
  }))
}
