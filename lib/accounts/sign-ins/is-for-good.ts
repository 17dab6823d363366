import 'server-only'

import { now } from '#lib/clock.ts'

const yearMilliseconds = 365 * 24 * 3600 * 1000

/**
 * Whether somebody has to let the account in again: waits that end by themselves last fifteen minutes at most, one without an end is
 * kept as one of years (app.wait_after).
 */
export function isForGood(until: Date): boolean {
  return until.getTime() - now().getTime() > yearMilliseconds
}
