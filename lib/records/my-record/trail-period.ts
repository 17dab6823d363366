import 'server-only'

import { now } from '#lib/clock.ts'

/** Days back from now; `all` is everything that is kept. */
export const trailPeriods = { '7-days': 7, '30-days': 30, '12-months': 366, all: null } as const
export type TrailPeriod = keyof typeof trailPeriods

/** Reads the period of an address; whatever is none means the last 30 days. */
export function readTrailPeriod(text: string | undefined): TrailPeriod {
  return text !== undefined && Object.hasOwn(trailPeriods, text) ? (text as TrailPeriod) : '30-days'
}

/** The period as instants. Its end lies a little ahead, so that two clocks that differ by seconds hide nothing. */
export function trailInterval(period: TrailPeriod): { from: Date; to: Date } {
  const present = now().getTime()
  const days = trailPeriods[period]
  return {
    from: days === null ? new Date(0) : new Date(present - days * 86_400_000),
    to: new Date(present + 3_600_000),
  }
}
