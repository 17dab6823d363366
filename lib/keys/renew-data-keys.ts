import 'server-only'
import type { Pool } from 'pg'
import { z } from 'zod'

import { SecretKey } from '#lib/crypto/secret-key.ts'
import type { Rotation } from './begin-rotation.ts'
import { inTransaction } from './in-transaction.ts'
import { keyContextFor } from './key-context-for.ts'
import type { Wrapped } from './key-provider.ts'
import type { KeySource } from './load-keys.ts'
import { wrapByCurrent } from './wrap-by-current.ts'

const due = z.object({ owner_id: z.string(), former: z.int(), next: z.int() })
type Due = z.infer<typeof due>

/**
 * Gives owners whose active version was made before the rotation began a new one; the former still decrypts. Who has none
 * that is active (shredded, disabled) gets none. Two at once, and a second call, do nothing twice: a version is replaced
 * only while it is still the active one, and one that was made for this rotation is not replaced at all.
 * @returns the owners that got one
 */
export async function renewDataKeys(
  source: KeySource,
  rotation: Rotation,
  owners: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const { rows } = await source.database.query(
    `SELECT k.owner_id, k.version AS former,
            (SELECT max(m.version) + 1 FROM keys.data_key m WHERE m.purpose = k.purpose AND m.owner_id = k.owner_id) AS next
       FROM keys.data_key k
      WHERE k.purpose = 'data-key' AND k.state = 'active' AND k.owner_id = ANY ($1)
        AND NOT EXISTS (SELECT FROM keys.key_event e
                         WHERE e.owner_id = k.owner_id AND e.purpose = k.purpose AND e.version = k.version
                           AND e.kind = 'CREATED' AND e.id > $2)
      ORDER BY k.owner_id`,
    [owners, rotation.afterEvent],
  )
  const wanted = z.array(due).parse(rows)
  if (wanted.length === 0) return []
  const made = wanted.map(({ owner_id, next }) => ({
    key: SecretKey.random(),
    context: keyContextFor(source.keyring, 'data-key', owner_id, next),
  }))
  return wrapByCurrent(
    source,
    async (provider) => replace(source.database, wanted, await provider.wrap(made, signal)),
    signal,
  )
}

function replace(database: Pool, wanted: readonly Due[], wrapped: readonly Wrapped[]): Promise<string[]> {
  return inTransaction(database, async (client) => {
    // Locked in one order first: two rotations wait for each other here, and never in a circle.
    const replaced = await client.query<{ owner_id: string }>(
      `WITH former AS (
         SELECT k.purpose, k.owner_id, k.version FROM keys.data_key k
           JOIN unnest($1::text[], $2::int[]) AS due (owner_id, version) USING (owner_id, version)
          WHERE k.purpose = 'data-key' AND k.state = 'active' ORDER BY k.owner_id FOR UPDATE OF k)
       UPDATE keys.data_key k SET state = 'decrypt_only' FROM former
        WHERE k.purpose = former.purpose AND k.owner_id = former.owner_id AND k.version = former.version
       RETURNING k.owner_id`,
      [wanted.map((each) => each.owner_id), wanted.map((each) => each.former)],
    )
    const renewed = replaced.rows.map((each) => each.owner_id)
    await client.query(
      `INSERT INTO keys.data_key (purpose, owner_id, version, state, provider, kek_version, wrapped)
       SELECT 'data-key', new.owner_id, new.version, 'active', new.provider, new.kek_version, new.wrapped
         FROM unnest($1::text[], $2::int[], $3::text[], $4::int[], $5::bytea[])
           AS new (owner_id, version, provider, kek_version, wrapped)
        WHERE new.owner_id = ANY ($6)`,
      [
        wanted.map((each) => each.owner_id),
        wanted.map((each) => each.next),
        wrapped.map((each) => each.provider),
        wrapped.map((each) => each.version),
        wrapped.map((each) => Buffer.from(each.blob)),
        renewed,
      ],
    )
    return renewed
  })
}
