import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import type { Actor } from '#lib/policy/actor.ts'

/**
 * Notes that a person has read one of their own notices, or all of them.
 * @param noticeId null for all; another person's id changes nothing
 * @returns how many were unread
 * @throws pg's errors as they are: callers must not show their texts
 */
export async function markNoticesRead(actor: Actor, noticeId: string | null): Promise<number> {
  const [row] = await appQuery<{ count: number }>('SELECT app.notices_read($1, $2::uuid) AS count', [
    actor.sessionToken,
    noticeId,
  ])
  return row?.count ?? 0
}
