export type CaseState = 'OPEN' | 'EXPLAINED' | 'ESCALATED' | 'SUPPRESSED' | 'HELD' | 'BELOW' | 'WITHDRAWN'

/** A case as a line of the list. Patients appear under a reference. */
export type CaseView = {
  id: string
  /** `YYYY-MM-DD`, UTC */
  day: string
  actorId: string
  actorName: string
  actorTitle: string
  /** null: the person's whole day */
  patientReference: string | null
  score: number
  state: CaseState
  findings: { rule: string; title: string; sentence: string; weight: number }[]
}

export type CaseListView = {
  cases: CaseView[]
  /** day before which the next page begins */ before: string | null
}

export type CaseAccessView = {
  logId: string
  /** ISO instant */
  at: string
  atExact: string
  patientReference: string
  action: string
  about: string
  /** null: nobody has looked yet */
  isExplained: boolean | null
  outcome: string
}

export type CaseDecisionView = {
  kind: 'EXPLAINED' | 'ESCALATED' | 'SUPPRESSED'
  by: string
  /** ISO instant */
  at: string
  reason: string
  until: string | null
}

export type CaseDetailView = {
  summary: CaseView
  /** what documented care was found, in words */
  explained: string[]
  /** what was looked for and not found; empty for a whole day */
  missing: string[]
  accesses: CaseAccessView[]
  /** whether there may be more than `accesses` shows */
  isCut: boolean
  decisions: CaseDecisionView[]
}

export type WatchMarkView = {
  id: string
  patientReference: string
  kind: 'STAFF' | 'CONFIDENTIAL'
  accountName: string | null
  notedAt: string
  notedBy: string
}

export type OwnRecordView = {
  name: string
  title: string
  patientReference: string
  day: string
  accesses: number
  changes: number
}
