/** Median and spread (half the distance between the 10th and the 90th percentile) of repeated measurements. */
export function summarize(samples: number[]): { median: number; spread: number } {
  return { median: quantile(samples, 0.5), spread: (quantile(samples, 0.9) - quantile(samples, 0.1)) / 2 }
}

/** Linear interpolation between the two nearest samples, in any order; there must be one. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((left, right) => left - right)
  const place = (sorted.length - 1) * share
  const lower = sorted[Math.floor(place)]
  const upper = sorted[Math.ceil(place)]
  if (lower === undefined || upper === undefined) throw new Error('no samples were measured')
  return lower + (upper - lower) * (place - Math.floor(place))
}
