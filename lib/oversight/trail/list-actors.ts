import 'server-only'

import { readTrailActors } from '#lib/audit/read-trail.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** Staff and jobs that can stand in the trail, for the search form. Empty for anybody but a compliance officer. */
export async function listTrailActors(
  actor: Pick<Actor, 'sessionToken'>,
): Promise<{ accountId: string; name: string; role: string }[]> {
  const rows = await readTrailActors(actor)
  return rows.map((row) => ({
    accountId: row.account_id,
    name: row.display_name ?? row.role,
    role: row.role,
  }))
}
