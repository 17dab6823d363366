import 'server-only'
import type { Pool } from 'pg'
import { z } from 'zod'

const row = z.object({ owner_id: z.string(), at: z.date() })

/**
 * Owners none of whose data keys is left, and since when: what was shredded, as the key store knows it. Replaced versions that were
 * destroyed beside one in use are not meant.
 */
export async function listDestroyedOwners(database: Pool): Promise<{ owner: string; at: Date }[]> {
  const { rows } = await database.query(
    `SELECT k.owner_id, coalesce(max(e.happened_at), max(k.created_at)) AS at
       FROM keys.data_key k
       LEFT JOIN keys.key_event e ON e.owner_id = k.owner_id AND e.version = k.version AND e.purpose = k.purpose AND e.state_after = 'destroyed'
      WHERE k.purpose = 'data-key' AND k.state = 'destroyed'
        AND NOT EXISTS (SELECT FROM keys.data_key o WHERE o.purpose = 'data-key' AND o.owner_id = k.owner_id AND o.state <> 'destroyed')
      GROUP BY k.owner_id ORDER BY 1`,
  )
  return z
    .array(row)
    .parse(rows)
    .map(({ owner_id: owner, at }) => ({ owner, at }))
}
