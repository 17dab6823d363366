import type { BannerView, VitalSeriesView } from '#lib/records/shared/view.ts'

export type { VitalPointView, VitalSeriesView } from '#lib/records/shared/view.ts'

export type VitalsView = {
  banner: BannerView
  /** Newest first within each measure. */
  series: VitalSeriesView[]
  vitalsAt: string | null
  readAt: string
}

/** A value that looks unlikely: the form asks about it, and saves it when it is confirmed. */
export type VitalDoubtView = {
  /** The control it is about. */
  field: string
  message: string
}
