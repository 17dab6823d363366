export type ExportFormatView = 'ndjson' | 'csv' | 'pdf' | 'fhir' | 'evidence'

/** One export as the page shows it; times are ISO instants. */
export type ExportView = {
  exportId: string
  isOwn: boolean
  requesterName: string
  requestedAt: string
  format: ExportFormatView
  /** what was asked for, in words; patients by their references */
  criteria: string[]
  reason: string
  rows: number
  /** more than could be counted */
  isMore: boolean
  /** no more than so many: what is in archives is seen when they are read */
  isAtMost: boolean
  state:
    'WAITING' | 'QUEUED' | 'RUNNING' | 'READY' | 'EXPIRED' | 'CANCELLED' | 'REJECTED' | 'LAPSED' | 'FAILED'
  deciderName: string | null
  rowsDone: number
  bytes: number | null
  sha256: string | null
  expiresAt: string | null
  downloads: number
  /** why it failed, in words */
  failure: string | null
}

export type ExportFormView = {
  format: ExportFormatView
  byteOrderMark: boolean
  reason: string
  /** `YYYY-MM-DD`, days in the clinic's zone; unused when a search is exported */
  from: string
  to: string
  /** the kept search that is exported; empty for a period alone */
  search: string
}
