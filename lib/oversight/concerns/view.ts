import type { ConcernRow } from '#lib/records/shared/view.ts'

/** A concern in the queue: dates and a reference, not a word of it. */
export type QueuedConcernView = {
  id: string
  patientId: string
  patientReference: string
  status: 'open' | 'acknowledged' | 'answered'
  /** ISO instants */
  reportedAt: string
  dueAt: string
  isOverdue: boolean
}

export type ConcernWorkView = {
  concern: ConcernRow
  patientReference: string
  /** ISO instant of the entry, by which the trail is asked */
  logId: string
  /** Oldest first. */
  notes: { id: string; author: string; at: string; body: string }[]
}
