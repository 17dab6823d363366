import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { Asker, ExportFormat, ExportRefusal } from './ask-export.ts'

export type ExportDownload =
  | { readonly refusal: ExportRefusal }
  | {
      readonly refusal: null
      readonly attempt: number
      readonly format: ExportFormat
      readonly key: { readonly id: string; readonly sealed: string }
      readonly bytes: number
    }

type Row = {
  refusal: ExportRefusal | null
  attempt: number
  format: ExportFormat
  key_id: string
  key_sealed: string
  file_bytes: string
}

/**
 * Lets whoever asked for an export have its file. The download is on record before the first byte.
 * @throws AuditUnavailable when it could not be written down
 */
export async function openDownload(asker: Asker, exportId: string): Promise<ExportDownload> {
  try {
    const [row] = await appQuery<Row>('SELECT * FROM audit.export_download($1, $2, $3)', [
      asker.sessionToken,
      exportId,
      asker.clientIp,
    ])
    if (!row) throw new Error('export_download answered nothing')
    if (row.refusal !== null) return { refusal: row.refusal }
    return {
      refusal: null,
      attempt: row.attempt,
      format: row.format,
      key: { id: row.key_id, sealed: row.key_sealed },
      bytes: Number(row.file_bytes),
    }
  } catch (error) {
    throw new AuditUnavailable('the download could not be written down', { cause: error })
  }
}
