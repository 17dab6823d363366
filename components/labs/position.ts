import type { TrendPointView } from '#lib/records/labs/view.ts'

/** Where a value lies against its own usual range. */
export type Position = 'inside' | 'above' | 'below' | 'outside' | 'unknown'

type Measured = Pick<TrendPointView, 'flag' | 'valueNumber' | 'low' | 'high'>

/**
 * The laboratory's flag decides; only where it gave none is the number held against the limits that came with the same result.
 * Nothing else is read into a value: no other laboratory's range, no age, no sex.
 */
export function positionOf({ flag, valueNumber, low, high }: Measured): Position {
  if (flag === 'high' || flag === 'critical-high') return 'above'
  if (flag === 'low' || flag === 'critical-low') return 'below'
  if (flag === 'normal') return 'inside'
  if (flag === 'abnormal') return 'outside'
  if (valueNumber === null || (low === null && high === null)) return 'unknown'
  if (high !== null && valueNumber > high) return 'above'
  if (low !== null && valueNumber < low) return 'below'
  return 'inside'
}

/** A result that counts: not cancelled, not entered in error, and already there. */
export function isValid(point: Pick<TrendPointView, 'status'>): boolean {
  return point.status !== 'cancelled' && point.status !== 'entered-in-error' && point.status !== 'registered'
}

/** "3.5 to 5.1", "5.1 or less", "40 or more"; null when there are no limits. */
export function rangeInWords(low: number | null, high: number | null): string | null {
  if (low !== null && high !== null) return `${low} to ${high}`
  if (high !== null) return `${high} or less`
  if (low !== null) return `${low} or more`
  return null
}
