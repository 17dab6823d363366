import 'server-only'

import { readPartitionStanding } from '#lib/audit/read-partition-standing.ts'

/** How far ahead the trail has room, for the pages of compliance. */
export async function openRetention(): Promise<{ isEnding: boolean; endsAt: string }> {
  const { monthsAhead, endsAt } = await readPartitionStanding()
  // The worker makes three months; with less than two something is wrong, and there is still time.
  return { isEnding: monthsAhead < 2, endsAt: endsAt.toISOString() }
}
