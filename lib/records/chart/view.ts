import type { BannerView, ResultFlagCode, VitalSeriesView } from '#lib/records/shared/view.ts'

export type { BannerView, VitalSeriesView } from '#lib/records/shared/view.ts'

/** An unreviewed result in the chart's summary, with the one before of the same test. */
export type ResultToReviewView = {
  id: string
  name: string
  value: string
  unit: string | null
  flag: ResultFlagCode
  before: string | null
  collectedAt: string
}

export type ChartView = {
  banner: BannerView
  lastVisit: { at: string; name: string; practitioner: string | null } | null
  /** The most urgent ones first, at most six. */
  toReview: ResultToReviewView[]
  toReviewCount: number
  /** True when there are more than were counted. */
  toReviewAtLeast: boolean
  /** ISO instant of the newest vital sign. */
  vitalsAt: string | null
  /** Up to eight points each, newest first. */
  vitals: VitalSeriesView[]
  problems: { id: string; name: string; since: string | null }[]
  medicines: { id: string; name: string; dosage: string | null; refills: number | null }[]
  allergies: { id: string; name: string; reactions: string | null; highRisk: boolean }[]
  readAt: string
}
