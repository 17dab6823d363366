import type { IdentityView, ResultFlagCode } from '#lib/records/shared/view.ts'

/** One patient of the worklist. */
export type WorklistRowView = {
  patient: IdentityView
  /** Unreviewed results: how many, the one that asks loudest for attention, and since when the oldest waits. */
  waiting: { count: number; atLeast: boolean; name: string; flag: ResultFlagCode; since: string } | null
  /** When vital signs were last taken; ISO instant. */
  vitalsAt: string | null
}

export type WorklistView = {
  rows: WorklistRowView[]
  /** Opaque text that leads to the next page; null on the last one. */
  next: string | null
  /** When this was read; ISO instant. */
  readAt: string
}
