import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import type { Actor } from '#lib/policy/actor.ts'

/**
 * How many of a person's notices are unread; counted up to 100.
 * @throws pg's errors as they are: callers must not show their texts
 */
export async function countUnreadNotices(actor: Actor): Promise<number> {
  const [row] = await appQuery<{ unread: number }>('SELECT app.my_unread_notices($1) AS unread', [
    actor.sessionToken,
  ])
  return row?.unread ?? 0
}
