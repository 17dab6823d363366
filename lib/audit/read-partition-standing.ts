import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'

/** For how many whole months after this one both logs have a place, and from when on they have none. */
export async function readPartitionStanding(): Promise<{ monthsAhead: number; endsAt: Date }> {
  const [row] = await appQuery<{ months_ahead: number; ends_at: Date }>(
    'SELECT months_ahead, ends_at FROM audit.partition_standing()',
  )
  return { monthsAhead: row?.months_ahead ?? -1, endsAt: row?.ends_at ?? new Date(0) }
}
