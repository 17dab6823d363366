import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** How many exports wait for this officer's word. */
export async function countExportsWaiting(actor: Actor): Promise<number> {
  const [row] = await appQuery<{ waiting: number }>('SELECT audit.exports_waiting($1) AS waiting', [
    actor.sessionToken,
  ])
  return row?.waiting ?? 0
}
