import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'

/** Display names of staff accounts and names of care teams by id, of those that exist; at most 500 ids. */
export async function nameStaff(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const wanted = [...new Set(ids)].slice(0, 500)
  if (wanted.length === 0) return new Map()
  const rows = await appQuery<{ id: string; name: string }>(
    `SELECT id, display_name AS name FROM app.account WHERE id = ANY ($1::uuid[]) AND display_name IS NOT NULL
     UNION ALL SELECT id, name FROM app.care_team WHERE id = ANY ($1::uuid[])`,
    [wanted],
  )
  return new Map(rows.map(({ id, name }) => [id, name]))
}
