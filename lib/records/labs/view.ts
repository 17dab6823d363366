export type { ResultFlagCode, ResultStatus, ResultView, TrendPointView } from '#lib/records/shared/view.ts'
