import 'server-only'
import type { ExportFormat } from '#lib/audit/export/ask-export.ts'

/** An export that is being made. */
export type ExportPlan = {
  readonly exportId: string
  /** counts from 1; an attempt that was taken over must stop */
  readonly attempt: number
  readonly format: ExportFormat
  readonly byteOrderMark: boolean
  /** as audit.read_trail takes them */
  readonly criteria: Readonly<Record<string, unknown>>
  readonly requesterName: string
  readonly requestedAt: Date
}
