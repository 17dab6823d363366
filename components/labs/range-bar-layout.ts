/** Where things stand on a range bar, in whole percents of its width. */
export type RangeBarLayout = {
  low: number | null
  high: number | null
  value: number
  /** The side on which the value runs off the bar; it is then drawn at the edge and said in words. */
  beyond: 'left' | 'right' | null
}

/**
 * Limits always stand at the same places (30 and 70 percent; a single one at 35 or 65), so that their labels never meet and bars below
 * each other can be compared. Null when there is nothing to draw: no limit, or two that leave no room between them.
 */
export function rangeBarLayout(
  value: number,
  low: number | null,
  high: number | null,
): RangeBarLayout | null {
  if (low !== null && high !== null) {
    if (high <= low) return null
    return place(30 + ((value - low) / (high - low)) * 40, 30, 70)
  }
  if (high !== null) return place(65 + ((value - high) / (Math.abs(high) || 1)) * 65, null, 65)
  if (low !== null) return place(35 + ((value - low) / (Math.abs(low) || 1)) * 35, 35, null)
  return null
}

function place(percent: number, low: number | null, high: number | null): RangeBarLayout {
  const beyond = percent < 2 ? 'left' : percent > 98 ? 'right' : null
  return { low, high, value: Math.min(98, Math.max(2, Math.round(percent))), beyond }
}
