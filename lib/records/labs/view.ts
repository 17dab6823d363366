import type { BannerView, ResultView, TrendPointView } from '#lib/records/shared/view.ts'

export type { ResultFlagCode, ResultStatus, ResultView, TrendPointView } from '#lib/records/shared/view.ts'

/** A result as the care team works through it. */
export type ChartResultView = ResultView & {
  /** The result before of the same test in the same unit. */
  before: { value: string; collectedAt: string } | null
  reviewedAt: string | null
  /** Account of the reviewer; the page looks the name up. */
  reviewedBy: string | null
}

export type ChartResultsView = {
  banner: BannerView
  results: ChartResultView[]
  next: string | null
  /** Unreviewed ones of the whole record, counted up to 100. */
  waitingCount: number
  readAt: string
}

export type ChartResultDetailView = {
  banner: BannerView
  result: ChartResultView
  /** The same test over time, newest first, this result among them. */
  trend: TrendPointView[]
  readAt: string
}
