import 'server-only'
import type { Pool } from 'pg'
import { z } from 'zod'

const row = z.object({ owner_id: z.string() })

/** Those of the owners who have a data key that is not destroyed. */
export async function listLivingOwners(database: Pool, owners: readonly string[]): Promise<string[]> {
  if (owners.length === 0) return []
  const { rows } = await database.query(
    `SELECT DISTINCT owner_id FROM keys.data_key
      WHERE purpose = 'data-key' AND state <> 'destroyed' AND owner_id = ANY ($1) ORDER BY 1`,
    [owners],
  )
  return z
    .array(row)
    .parse(rows)
    .map(({ owner_id: owner }) => owner)
}
