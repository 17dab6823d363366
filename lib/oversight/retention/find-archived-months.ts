import 'server-only'

import { listArchivedMonths } from '#lib/audit/list-archived-months.ts'
import type { Actor } from '#lib/policy/actor.ts'

/**
 * Months of a period whose entries are in archives, where a search does not look.
 * @param from ISO instant
 * @param to ISO instant, not included
 * @returns such as 2014-03; months begin and end in UTC
 */
export async function findArchivedMonths(actor: Actor, from: string, to: string): Promise<string[]> {
  const last = new Date(new Date(to).getTime() - 1).toISOString()
  return (await listArchivedMonths(actor)).filter(
    (month) => month >= from.slice(0, 7) && month <= last.slice(0, 7),
  )
}
