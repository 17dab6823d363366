import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** Months that left the logs, oldest first, such as 2014-03; none for anybody but compliance officers. */
export async function listArchivedMonths(actor: Actor): Promise<string[]> {
  const rows = await appQuery<{ month: string }>(
    `SELECT to_char(s.month, 'YYYY-MM') AS month FROM audit.retention_status($1) s WHERE s.state <> 'attached'`,
    [actor.sessionToken],
  )
  return rows.map(({ month }) => month)
}
