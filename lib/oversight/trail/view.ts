/** One row of the trail as a compliance officer reads it: names of fields, never values; a patient only as a reference. */
export type TrailEntryView = {
  logId: string
  /** ISO instant with milliseconds */
  at: string
  /** for the address of the entry: microseconds matter to find it */
  atExact: string
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
}

export type TrailPageView = {
  entries: TrailEntryView[]
  /** cursor of the next older page, or null at the end */
  older: string | null
}

/** Everything that stands in one row, and what the same person did within five minutes of it. */
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
  }
  related: TrailEntryView[]
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

/** Criteria of a search as they were typed, for showing the form again. */
export type TrailFormView = {
  familyName: string
  givenName: string
  birthDate: string
  mrn: string
  from: string
  to: string
  zone: string
  actor: string
  action: string
  outcome: string
  view: string
  field: string
  address: string
}

/** Who opened or changed something, in order of first access, and how many attempts were refused. */
export type TrailAnswerView = {
  people: { name: string; title: string; firstAt: string; times: number }[]
  refused: number
}
