import 'server-only'
import type { Client } from 'pg'

import type { ExportPlan } from './export-plan.ts'

/** An archive that an export has to read. */
export type ExportArchive = {
  readonly archiveId: string
  /** such as 2014-03 */
  readonly month: string
  readonly incarnation: number
  readonly firstLeaf: number
  readonly endLeaf: number
  readonly fileName: string
  /** SHA-256 over the leaf hashes of its entries, hexadecimal, as it was when the month left */
  readonly contentDigest: string
}

type Row = {
  archive_id: string
  month: string
  incarnation: number
  first_leaf: string
  end_leaf: string
  file_name: string
  content_digest: string
}

/** The archives of the months of an export's period that are not in the logs now, oldest first. */
export async function readExportArchives(client: Client, plan: ExportPlan): Promise<ExportArchive[]> {
  const { rows } = await client.query<Row>('SELECT * FROM audit.export_archives($1, $2)', [
    plan.exportId,
    plan.attempt,
  ])
  return rows.map((row) => ({
    archiveId: row.archive_id,
    month: row.month,
    incarnation: row.incarnation,
    firstLeaf: Number(row.first_leaf),
    endLeaf: Number(row.end_leaf),
    fileName: row.file_name,
    contentDigest: row.content_digest,
  }))
}
