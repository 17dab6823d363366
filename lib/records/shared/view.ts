/** Where the laboratory put a value. `abnormal` says "outside" without a direction; `null` means the laboratory said nothing. */
export type ResultFlagCode = 'normal' | 'low' | 'high' | 'critical-low' | 'critical-high' | 'abnormal' | null

/** FHIR R4 Observation.status. */
export type ResultStatus =
  | 'preliminary'
  | 'final'
  | 'corrected'
  | 'amended'
  | 'cancelled'
  | 'entered-in-error'
  | 'registered'
  | 'unknown'

/** One laboratory result as a page shows it. Times are ISO 8601 in UTC; `YYYY-MM-DD` where only the day is known. */
export type ResultView = {
  id: string
  name: string
  /** What the test measures, in everyday words. */
  plainName?: string | null
  /** As the laboratory wrote it, such as "5.6", "<0.5" or "Not detected". */
  value: string
  /** The number in `value`, for drawing only; null when it is a word. */
  valueNumber: number | null
  unit: string | null
  low: number | null
  high: number | null
  /** The laboratory's own words for the usual range, when it gave words instead of limits. */
  rangeText: string | null
  flag: ResultFlagCode
  status: ResultStatus
  collectedAt: string
  issuedAt: string | null
  correctedAt: string | null
  /** The value that a correction replaced. */
  previousValue: string | null
  /** True once someone of the care team has looked at it. */
  reviewed: boolean
  comment: string | null
  reportName: string | null
  performer: string | null
}

/** One point of a trend: what a chart and its table need of a result or a vital sign. */
export type TrendPointView = Pick<
  ResultView,
  'id' | 'value' | 'valueNumber' | 'unit' | 'low' | 'high' | 'flag' | 'status' | 'collectedAt'
>

/** Who the patient is, as every page of the chart says it at its top. */
export type IdentityView = {
  patientId: string
  /** The name to use with the family name. */
  displayName: string
  /** Given and family name, where the name to use is another one. */
  legalName: string | null
  pronouns: string | null
  /** `YYYY-MM-DD` */
  birthDate: string | null
  /** In years; under two years in months or days. At death for somebody who died. */
  age: string | null
  sex: string | null
  mrn: string | null
  /** `YYYY-MM-DD` of the death, or an empty text when only the fact is known; null for the living. */
  deceasedOn: string | null
}

/** The identity banner of a chart. */
export type BannerView = IdentityView & {
  /** Such as "Penicillin (high risk)", "No known allergies" or "None recorded": three different facts. */
  allergies: string
  /** True when there is one to be careful with. */
  allergyAlert: boolean
}

export type VitalMeasureKey =
  | 'blood-pressure'
  | 'pulse'
  | 'temperature'
  | 'oxygen'
  | 'respiration'
  | 'weight'
  | 'height'
  | 'body-mass-index'

/** One vital sign over time. */
export type VitalSeriesView = {
  key: VitalMeasureKey
  label: string
  /** As a page writes it: "mmHg", "°C". */
  unit: string
  /** Newest first. A blood pressure reads "128/82"; its number is the upper one. */
  points: VitalPointView[]
}

export type VitalPointView = {
  id: string
  takenAt: string
  /** Without the unit. */
  value: string
  valueNumber: number | null
  /** The lower of the two numbers of a blood pressure. */
  lower: number | null
  status: ResultStatus
  flag: ResultFlagCode
}

/** An entry of the trail as whoever reports it saw it. */
export type ConcernEntryRow = {
  name: string
  role: string | null
  what: string
  why: string
  /** ISO instant */
  at: string
}

/** What was reported about an entry of the trail. */
export type ConcernRow = {
  id: string
  status: 'open' | 'acknowledged' | 'answered'
  /** ISO instants */
  reportedAt: string
  dueAt: string
  answeredAt: string | null
  entry: ConcernEntryRow
  body: string
  contact: string | null
  answer: string | null
}

/** A request for an accounting of disclosures. */
export type AccountingRequestRow = {
  id: string
  status: 'open' | 'extended' | 'provided'
  /** Days of the clinic's calendar, both included: `YYYY-MM-DD`. */
  from: string
  to: string
  /** ISO instants */
  requestedAt: string
  dueAt: string
  providedAt: string | null
  /** Why it takes longer; null where it does not. */
  extensionReason: string | null
}

/** One disclosure as an accounting tells it (164.528(b)(2)). */
export type DisclosureRow = {
  id: string
  /** ISO instants; the last one and the number where one row sums up several. */
  disclosedAt: string
  lastDisclosedAt: string | null
  times: number | null
  basis: string
  recipientName: string
  recipientAddress: string | null
  what: string
  purpose: string
}
