import 'server-only'
import type { Client } from 'pg'

import type { ExportFormat } from '#lib/audit/export/ask-export.ts'
import type { ExportPlan } from './export-plan.ts'

type Row = {
  export_id: string
  attempt: number
  format: ExportFormat
  byte_order_mark: boolean
  criteria: Record<string, unknown>
  requester_name: string | null
  requested_at: Date
}

/** Takes the next export of the queue under a lease, or the one that is named; undefined when there is none to take. */
export async function takeExport(client: Client, only: string | null): Promise<ExportPlan | undefined> {
  const { rows } = await client.query<Row>('SELECT * FROM audit.export_take($1)', [only])
  const [row] = rows
  return (
    row && {
      exportId: row.export_id,
      attempt: row.attempt,
      format: row.format,
      byteOrderMark: row.byte_order_mark,
      criteria: row.criteria,
      requesterName: row.requester_name ?? 'a former compliance officer',
      requestedAt: row.requested_at,
    }
  )
}
