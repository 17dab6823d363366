export type FindForm = {
  familyName: string
  givenName: string
  birthMonth: string
  birthDay: string
  birthYear: string
  mrn: string
}
export type FieldProblem = { field: string; message: string }

/** What an emergency search came to. Nothing of a record is in it: the words are those that were typed. */
export type FoundView =
  | { kind: 'found'; patientId: string; typed: string }
  | { kind: 'nobody' | 'several' | 'too-many-searches' | 'expired' }

export type MyLeaseView = {
  id: string
  patientId: string
  reason: string
  state: string
  tone: 'emergency' | 'warn' | 'ok' | 'bad' | 'info'
  isOpen: boolean
  /** compliance asked something */
  asks: boolean
  openedAt: string
  endedAt: string | null
}

/** What the bar over a chart says. */
export type OpenLeaseView = {
  id: string
  kind: 'PATIENT' | 'SCOPE'
  /** ISO 8601 */
  expiresAt: string
  millisecondsLeft: number
}

export type LeaseEntryView = { id: string; title: string; by: string; at: string; text: string }

export type MyLeaseDetailView = MyLeaseView & { entries: LeaseEntryView[] }

/** A row of compliance's queue. */
export type LeaseView = {
  id: string
  actorName: string
  actorTitle: string
  patientReference: string
  kind: string
  reason: string
  state: string
  tone: 'emergency' | 'warn' | 'ok' | 'bad' | 'info'
  openedAt: string
  endedAt: string | null
  how: string
  dueAt: string
  isOverdue: boolean
  accesses: number
}

export type LeaseDetailView = LeaseView & {
  words: string
  entries: LeaseEntryView[]
  /** whether there may be more than `opened` shows */
  isCut: boolean
  opened: { id: string; atExact: string; at: string; what: string; part: string; fields: string }[]
  /** what the reader can do now */
  can: { revoke: boolean; decide: boolean; ask: boolean; sign: boolean; isFirstSigner: boolean }
  incidentId: string | null
}
