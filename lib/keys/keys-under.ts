import 'server-only'
import type { Pool } from 'pg'
import { z } from 'zod'

/** How many keys of the store are under one version of one provider's key-encryption key; destroyed keys have no bytes. */
export type KeysUnder = { readonly provider: string; readonly version: number; readonly keys: number }

const row = z.object({ provider: z.string(), version: z.int(), keys: z.coerce.number() })

/** Counts the keys under each version, from the rows themselves. */
export async function keysUnder(database: Pool): Promise<KeysUnder[]> {
  const { rows } = await database.query(
    `SELECT provider, kek_version AS version, count(*) AS keys FROM keys.data_key
      WHERE wrapped IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`,
  )
  return z.array(row).parse(rows)
}
