import { median } from './median.ts'

/**
 * The median absolute deviation, scaled so that it estimates the standard deviation of normal data (factor 1.4826: Rousseeuw &
 * Croux 1993). A few extreme days do not widen it, which they would do with the standard deviation itself.
 */
export function robustSpread(values: readonly number[]): number {
  const middle = median(values)
  return 1.4826 * median(values.map((value) => Math.abs(value - middle)))
}
