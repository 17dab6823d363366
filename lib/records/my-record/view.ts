import type {
  AccountingRequestRow,
  ConcernRow,
  ResultFlagCode,
  ResultView,
  TrendPointView,
  VitalSeriesView,
} from '#lib/records/shared/view.ts'

export type { ResultFlagCode, ResultView, TrendPointView, VitalSeriesView } from '#lib/records/shared/view.ts'

/** Whose record a page shows, as its banner and its printed head say it. */
export type WhoseView = {
  patientId: string
  /** The name to use with the family name. */
  name: string
  /** The name to greet by. */
  firstName: string
  /** `YYYY-MM-DD`; null where it is not recorded or the page does not need it. */
  birthDate: string | null
}

/** A result that asks for attention on Home. */
export type AttentionView = {
  id: string
  name: string
  flag: ResultFlagCode
  collectedAt: string
  reviewed: boolean
  /** True where the result before it was in the usual range, so that this is news. */
  wasInRange: boolean
}

export type MyHomeView = {
  whose: WhoseView
  /** At most three: those out of range first, each group newest first. */
  attention: AttentionView[]
  /** How many results are new altogether. */
  newCount: number
}

/** One line of the list of results. */
export type MyResultRowView = Pick<
  ResultView,
  | 'id'
  | 'name'
  | 'value'
  | 'unit'
  | 'flag'
  | 'status'
  | 'collectedAt'
  | 'correctedAt'
  | 'reviewed'
  | 'reportName'
  | 'performer'
> & { isNew: boolean; hasRange: boolean }

export type MyResultsView = {
  whose: WhoseView
  /** Newest first. */
  results: MyResultRowView[]
  /** Opaque text that leads to older ones; null on the last page. */
  next: string | null
}

export type MyResultView = {
  whose: WhoseView
  result: ResultView & {
    reviewedAt: string | null
    /** What the laboratory concluded about the whole report. */
    conclusion: string | null
  }
  /** The same test over time, newest first, this result among them. */
  trend: TrendPointView[]
  /** A newer result of the same test, when this is not the newest. */
  newerId: string | null
}

export type MyConditionView = {
  id: string
  name: string
  /** Day, month or year in words, as exact as it is known. */
  since: string | null
  until: string | null
  severity: string | null
  note: string | null
}

export type MyAllergyView = {
  id: string
  name: string
  /** Such as "Hives (mild)"; null when no reaction is recorded. */
  reactions: string | null
  highRisk: boolean
  note: string | null
}

/** Three different facts: a list, somebody asked and there are none, nobody wrote anything down. */
export type MyAllergiesView =
  | { kind: 'listed'; allergies: MyAllergyView[] }
  | { kind: 'none-known'; recordedAt: string | null }
  | { kind: 'not-recorded' }

export type MyMedicineView = {
  id: string
  name: string
  /** How to take it, in the prescriber's words. */
  dosage: string | null
  reason: string | null
  refillsLeft: number | null
  quantity: string | null
  prescribedAt: string | null
  prescriber: string | null
  status: 'active' | 'on-hold' | 'stopped' | 'completed'
  endedAt: string | null
}

export type MyVaccineView = {
  id: string
  name: string
  givenAt: string | null
  dose: string | null
  site: string | null
  lotNumber: string | null
  note: string | null
}

export type MySummaryView = {
  whose: WhoseView
  conditions: { active: MyConditionView[]; past: MyConditionView[] }
  allergies: MyAllergiesView
  medicines: { active: MyMedicineView[]; past: MyMedicineView[] }
  vaccines: MyVaccineView[]
  vitals: VitalSeriesView[]
}

export type NoteClass = 'clinical' | 'mental-health' | 'substance-use'

export type MyNoteRowView = {
  id: string
  title: string
  author: string | null
  class: NoteClass
  status: 'signed' | 'amended' | 'entered-in-error'
  signedAt: string
  visit: { at: string; name: string } | null
}

export type MyNotesView = { whose: WhoseView; notes: MyNoteRowView[]; next: string | null }

export type MyNoteVersionView = {
  number: number
  title: string
  body: string
  author: string | null
  signedAt: string
  /** Why it was changed; null for the first text. */
  reason: string | null
}

export type MyNoteView = {
  whose: WhoseView
  class: NoteClass
  status: 'signed' | 'amended' | 'entered-in-error'
  visit: { at: string; name: string; location: string | null } | null
  /** The text that counts. */
  current: MyNoteVersionView
  /** Earlier texts, newest first. */
  earlier: MyNoteVersionView[]
}

/** What one person did to one part of the record on one day; the same done again is counted, not repeated. */
export type AccessView = {
  id: string
  /** "Nadia Osei", "You", "Automatic job". */
  name: string
  /** "Registered nurse"; null where the name says all. */
  role: string | null
  kind: 'staff' | 'job' | 'patient' | 'proxy'
  /** "Opened your chart summary: conditions, allergies, …" */
  what: string
  /** "Why: treatment. Nadia Osei is on your care team." */
  why: string
  refused: boolean
  /** Under emergency access, by somebody who does not care for the patient otherwise. */
  emergency: boolean
  /** Newest first, ISO instants; as many as times it was done. */
  times: string[]
  /** Which fields were opened, in words, by what they belong to. */
  details: { about: string; fields: string[] }[]
}

export type AccessDayView = { day: string; accesses: AccessView[] }

/** Who opened the record in a period, without the patient and those who act for them. */
export type AccessCountView = {
  people: number
  jobs: number
  refused: number
  /** Accesses under emergency access. */
  emergencies: number
  /** True when there was more than could be counted: the numbers are then the least that is true. */
  atLeast: boolean
}

export type WhoLookedView = {
  /** null for a record that was destroyed: its name is gone, and the list stays */
  whose: WhoseView | null
  count: AccessCountView
  days: AccessDayView[]
  next: string | null
}

/** How one entry of the trail stands to the seal. */
export type ProofView =
  | {
      kind: 'proven'
      leafIndex: number
      treeSize: number
      /** SHA-256 of the entry, in hex */
      fingerprint: string
      /** what the clinic signed: name of the log, number of entries, root */
      checkpoint: string
      verifierKey: string
    }
  | { kind: 'waiting' }
  | { kind: 'changed' }

/** One entry of the trail, for its own page. */
export type AccessEntryView = {
  whose: WhoseView | null
  access: AccessView
  /** ISO instant */
  at: string
  /** Whether the reader or somebody who acts for the patient did it. */
  own: boolean
  proof: ProofView
}

export type MyConcernsView = { whose: WhoseView; concerns: ConcernRow[] }

export type MyDisclosuresView = { whose: WhoseView; requests: AccountingRequestRow[]; today: string }
