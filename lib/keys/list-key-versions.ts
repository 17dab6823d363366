import 'server-only'
import type { Pool } from 'pg'
import { z } from 'zod'

import { keyStates, type KeyState } from '#lib/crypto/data-keys.ts'

/** One version of the key of one owner, as the store holds it; never its bytes. */
export type KeyVersionRow = {
  readonly ownerId: string
  readonly version: number
  readonly state: KeyState
  readonly createdAt: Date
  readonly encryptions: number
}

const row = z.object({
  owner_id: z.string(),
  version: z.int(),
  state: z.enum(keyStates),
  created_at: z.date(),
  encryptions: z.coerce.number(),
})

/** Every version of the keys of the next owners behind `after`, in the order of their names; at most `owners` of them. */
export async function listKeyVersions(
  database: Pool,
  purpose: 'data-key' | 'index-root' | 'identity-root',
  after: string,
  owners: number,
): Promise<KeyVersionRow[]> {
  const { rows } = await database.query(
    `SELECT owner_id, version, state, created_at, encryptions FROM keys.data_key
      WHERE purpose = $1 AND owner_id IN (
        SELECT DISTINCT owner_id FROM keys.data_key WHERE purpose = $1 AND owner_id > $2 ORDER BY owner_id LIMIT $3)
      ORDER BY owner_id, version`,
    [purpose, after, owners],
  )
  return z
    .array(row)
    .parse(rows)
    .map(({ owner_id, version, state, created_at, encryptions }) => ({
      ownerId: owner_id,
      version,
      state,
      createdAt: created_at,
      encryptions,
    }))
}
