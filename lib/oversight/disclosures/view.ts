import type { AccountingRequestRow, DisclosureRow } from '#lib/records/shared/view.ts'

/** A request for an accounting in the queue. */
export type QueuedAccountingView = {
  id: string
  patientId: string
  patientReference: string
  status: 'open' | 'extended' | 'provided'
  /** ISO instants */
  requestedAt: string
  dueAt: string
  isOverdue: boolean
}

/** A row of the ledger as compliance sees it. */
export type LedgerRowView = DisclosureRow & {
  /** Who wrote it, and when (ISO instant). */
  recordedBy: string
  recordedAt: string
  /** What became of it: it counts, another row took its place, or it was taken back. */
  state: 'counts' | 'corrected' | 'withdrawn'
  correctsId: string | null
  correctionReason: string | null
  /** Requests for silence, the newest first. */
  suspensions: {
    id: string
    authority: string
    statement: string
    isOral: boolean
    startsAt: string
    endsAt: string
    isCurrent: boolean
  }[]
}

export type LedgerView = {
  patientId: string
  patientReference: string
  /** Newest first, corrected rows too. */
  rows: LedgerRowView[]
  requests: AccountingRequestRow[]
  /** Days of the clinic's calendar: six years back, and today. */
  earliest: string
  today: string
}

export type FoundPatientView = { patientId: string; reference: string }
