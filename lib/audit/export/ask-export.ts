import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable } from '#lib/errors.ts'

/** Who asks: a session's token is enough, the database looks up the rest. */
export type Asker = { readonly sessionToken: string; readonly clientIp: string | null }

export const exportFormats = ['ndjson', 'csv', 'pdf', 'fhir', 'evidence'] as const
export type ExportFormat = (typeof exportFormats)[number]

/** Why a step of an export was refused, as the database names it. */
export type ExportRefusal =
  | 'no-session'
  | 'session-ended'
  | 'session-idle'
  | 'session-expired'
  | 'not-allowed'
  | 'code-too-old'
  | 'too-many-open'
  | 'archived'
  | 'nothing-there'
  | 'too-long-for-pdf'
  | 'too-long-for-evidence'
  | 'no-such-export'
  | 'own-request'
  | 'decided-already'
  | 'lapsed'
  | 'ended-already'
  | 'expired'
  | 'not-ready'

export type ExportRequest = {
  readonly exportId: string
  readonly format: ExportFormat
  readonly byteOrderMark: boolean
  readonly criteria: Readonly<Record<string, unknown>>
  readonly reasonId: string
  readonly reasonSealed: string
}

export type AskedExport =
  | { readonly refusal: ExportRefusal }
  /** rows: 100001 stands for more */
  | { readonly refusal: null; readonly state: 'WAITING' | 'QUEUED'; readonly rows: number }

type Row = { refusal: ExportRefusal | null; rows_counted: number; state: 'WAITING' | 'QUEUED' }

/**
 * Asks for an export of the trail; the asking, granted or not, is on record before this answers.
 * @throws AuditUnavailable when it could not be written down
 */
export async function askExport(asker: Asker, request: ExportRequest): Promise<AskedExport> {
  try {
    const [row] = await appQuery<Row>('SELECT * FROM audit.export_ask($1, $2, $3, $4, $5, $6, $7, $8)', [
      asker.sessionToken, request.exportId, request.format, request.byteOrderMark, JSON.stringify(request.criteria),
      request.reasonId, request.reasonSealed, asker.clientIp,
    ]) // prettier-ignore
    if (!row) throw new Error('export_ask answered nothing')
    return row.refusal === null
      ? { refusal: null, state: row.state, rows: row.rows_counted }
      : { refusal: row.refusal }
  } catch (error) {
    throw new AuditUnavailable('the export could not be asked for', { cause: error })
  }
}
