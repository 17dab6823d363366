/** One row of the trail as a compliance officer reads it: names of fields, never values; a patient only as a reference. */
export type TrailEntryView = {
  logId: string
  /** ISO instant with milliseconds */
  at: string
  /** for the address of the entry: microseconds matter to find it */
  atExact: string
  /** null: nobody was signed in */
  actorId: string | null
  actorName: string
  actorTitle: string
  patientReference: string
  action: string
  view: string
  viewAbout: string
  /** field names by model */
  fields: Readonly<Record<string, readonly string[]>>
  purpose: string | null
  outcome: 'ALLOWED' | 'EFFECT' | 'DENIED'
  /** why it was refused, in words; null when it was not */
  refusal: string | null
  relation: string | null
  clientIp: string | null
  isEmergency: boolean
  /** whether documented care stands behind it; null: not looked at yet */
  isExplained: boolean | null
}

/** Entries over time, one bar per interval. */
export type ActivityView = {
  unit: 'hour' | 'day' | 'month'
  /** `startsAt` is the wall clock of the asked zone: `YYYY-MM-DDTHH:mm` */
  bars: { startsAt: string; entries: number; refused: number }[]
}

export type TrailPageView = {
  entries: TrailEntryView[]
  /** of all entries that fit; when there are more than are counted, that number, and `isMany` */
  count: number
  isMany: boolean
  /** null when nothing fits, or too much to be drawn */
  activity: ActivityView | null
  isFirst: boolean
  /** cursor of the next page, or null at the end */
  next: string | null
}

/** How far an empty answer can be relied on. */
export type AssuranceView = {
  /** entries that the last verification read */
  size: number
  /** ISO instants: when it ran, and the time of the newest entry that it read */
  at: string
  through: string | null
  ok: boolean
} | null

/** What the seal says of one entry; null when it waits to be sealed. */
export type EntrySealView = {
  leaf: string
  hash: string
  sealedAt: string
  treeSize: string
  /** of the last verification that read as far as this entry: when it ran and whether all was well */
  verified: { at: string; ok: boolean } | null
} | null

/** Everything that stands in one row, and what belongs to it: rows of the same request, and the same person's within five minutes. */
export type TrailEntryDetailView = {
  entry: TrailEntryView & {
    sequence: string
    databaseRole: string | null
    databaseLogin: string
    transaction: string
    sessionId: string | null
    requestId: string
    resourceType: string | null
    resourceId: string | null
    onBehalfOf: string | null
    breakGlassId: string | null
    /** why the access was needed, as tags of lib/watch (E1 …); null: not looked at yet */
    explanation: string[] | null
  }
  seal: EntrySealView
  sameRequest: TrailEntryView[]
  related: TrailEntryView[]
  /** there are, or may be, more of both than the database gives at once */
  isCut: boolean
}

/** The one question of the overview, as it was typed. */
export type QuestionFormView = {
  familyName: string
  givenName: string
  mrn: string
  date: string
  time: string
  zone: string
}

/** Criteria of a search as they were typed, for showing the form again. A minus before a choice means all but that. */
export type TrailFormView = {
  familyName: string
  givenName: string
  birthDate: string
  mrn: string
  /** a period that ends now; empty: from and to */
  period: '' | '24h' | '7d' | '31d'
  from: string
  to: string
  zone: string
  actor: string
  role: string
  action: string
  outcome: string
  view: string
  purpose: string
  field: string
  emergency: '' | 'yes'
  unexplained: '' | 'yes'
  address: string
  session: string
  request: string
}

/** What to correct in a form, and where. */
export type TrailProblem = { field: string; message: string }

/** Who opened or changed something, in order of first access, and how many attempts were refused. */
export type TrailAnswerView = {
  /** `id` tells apart those who bear one name */
  people: { id: string; name: string; title: string; firstAt: string; times: number }[]
  refused: number
}

/** A search that is kept under a name. */
export type SavedViewView = {
  id: string
  name: string
  /** the search as typed words: lib/oversight/trail/query-text */
  query: string
  isOwn: boolean
  isShared: boolean
  ownerName: string
  lastUsedAt: string | null
}

/** What one patient's record, or one person, saw in a month. */
export type TimelineView = {
  /** of whom: a patient's reference, or a person's name */
  subject: string
  /** "YYYY-MM" in the clinic's zone */
  month: string
  from: string
  to: string
  page: TrailPageView
}
