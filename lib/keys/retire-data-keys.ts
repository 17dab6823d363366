import 'server-only'
import type { Pool } from 'pg'
import { z } from 'zod'

/** One version of one owner's data key. */
export type VersionName = { readonly ownerId: string; readonly version: number }

/** A version that is no longer written with, and how long it has been in its state, by the key store's clock. */
export type FormerVersion = VersionName & {
  readonly state: 'decrypt_only' | 'disabled'
  readonly seconds: number
}

const row = z.object({
  owner_id: z.string(),
  version: z.int(),
  state: z.enum(['decrypt_only', 'disabled']),
  seconds: z.coerce.number(),
})

const ownersAtOnce = 500

/**
 * Former versions of a page of owners. The time is that of the last entry of the log that put the version into its
 * state; one without an entry counts as having just got there.
 * @param after the last owner of the page before; null for the first page
 */
export async function formerVersions(
  database: Pool,
  after: string | null,
  owner: string | null,
): Promise<FormerVersion[]> {
  const { rows } = await database.query(
    `SELECT k.owner_id, k.version, k.state,
            coalesce((SELECT extract(epoch FROM clock_timestamp() - max(e.happened_at)) FROM keys.key_event e
                       WHERE e.owner_id = k.owner_id AND e.purpose = k.purpose AND e.version = k.version
                         AND e.kind = 'STATE_CHANGED' AND e.state_after = k.state), 0) AS seconds
       FROM keys.data_key k
      WHERE k.purpose = 'data-key' AND k.state IN ('decrypt_only', 'disabled') AND k.owner_id IN (
        SELECT o.owner_id FROM keys.data_key o
         WHERE o.purpose = 'data-key' AND o.state IN ('decrypt_only', 'disabled')
           AND ($1::text IS NULL OR o.owner_id > $1) AND ($2::text IS NULL OR o.owner_id = $2)
         GROUP BY o.owner_id ORDER BY o.owner_id LIMIT $3)
      ORDER BY k.owner_id, k.version`,
    [after, owner, ownersAtOnce],
  )
  return z
    .array(row)
    .parse(rows)
    .map(({ owner_id, version, state, seconds }) => ({ ownerId: owner_id, version, state, seconds }))
}

/** Moves versions from one state to another, those that are still in the first; a destroyed one loses its bytes. */
export async function moveVersions(
  database: Pool,
  versions: readonly VersionName[],
  from: 'decrypt_only' | 'disabled',
  to: 'decrypt_only' | 'disabled' | 'destroyed',
): Promise<VersionName[]> {
  const { rows } = await database.query(
    `UPDATE keys.data_key k SET state = $4, wrapped = CASE WHEN $4 = 'destroyed' THEN NULL ELSE k.wrapped END
       FROM unnest($1::text[], $2::int[]) AS named (owner_id, version)
      WHERE k.purpose = 'data-key' AND k.owner_id = named.owner_id AND k.version = named.version AND k.state = $3
      RETURNING k.owner_id, k.version`,
    [versions.map((each) => each.ownerId), versions.map((each) => each.version), from, to],
  )
  return z
    .array(z.object({ owner_id: z.string(), version: z.int() }))
    .parse(rows)
    .map(({ owner_id, version }) => ({ ownerId: owner_id, version }))
}
