import 'server-only'

import { now } from '#lib/clock.ts'

/** For how long a result is called new, in days since it came in. */
export const newForDays = 14

/** Results that came in since then are new. */
export function newSince(): Date {
  return new Date(now().getTime() - newForDays * 86_400_000)
}

/** Whether a result is new: by when the laboratory gave it out, or by when the sample was taken. */
export function isNew(row: { issuedAt: Date | null; effectiveAt: Date | null }, since: Date): boolean {
  const at = row.issuedAt ?? row.effectiveAt
  return at !== null && at >= since
}
