import 'server-only'
import { z } from 'zod'

import type { KeyContext } from '#lib/crypto/key-context.ts'
import { attempt } from './attempt.ts'
import { carryOver } from './carry-over.ts'
import { keyContextFor } from './key-context-for.ts'
import type { KeyProvider, Wrapped } from './key-provider.ts'
import type { KeySource } from './load-keys.ts'
import { wasOvertaken } from './wrap-by-current.ts'

/** Where a key is to be: with this provider, under this version or a later one. */
export type Target = { readonly provider: KeyProvider; readonly version: number }

const stored = z.object({
  purpose: z.enum(['data-key', 'index-root', 'identity-root']),
  owner_id: z.string(),
  version: z.int(),
  provider: z.string(),
  kek_version: z.int(),
  wrapped: z.instanceof(Uint8Array),
})
type Stored = z.infer<typeof stored>
type Place = Pick<Stored, 'purpose' | 'owner_id' | 'version'>

const batchSize = 200

/** What one pass over the keys did: how many it moved, and how many of those it met do not open. */
export type Pass = { readonly moved: number; readonly refused: number }

/**
 * Goes once over the keys that are not yet where they are to be, in the order of their primary key, and moves each by compare
 * and swap: one that changed since it was read (shredded, moved by another operator) is left as it is. Killed at any
 * instant, it has moved some keys whole and left the others alone; whoever runs it again goes on with those.
 * @param after called after every batch, with the keys moved in it: for progress, and to wait
 */
export async function rewrapOnce(
  source: KeySource,
  target: Target,
  attemptSeconds: number,
  after: (moved: number) => Promise<void>,
): Promise<Pass> {
  let place: Place | undefined
  let [moved, refused] = [0, 0]
  for (;;) {
    const rows = await readBatch(source, target, place)
    const last = rows.at(-1)
    if (!last) return { moved, refused }
    place = last
    const fresh = await attempt((signal) => wrapAnew(source, target, rows, signal), attemptSeconds)
    refused += rows.length - fresh.length
    const swapped = await swap(source, fresh)
    moved += swapped
    await after(swapped)
  }
}

async function readBatch(source: KeySource, { provider, version }: Target, after: Place | undefined) {
  const { rows } = await source.database.query(
    `SELECT purpose, owner_id, version, provider, kek_version, wrapped FROM keys.data_key
      WHERE wrapped IS NOT NULL AND NOT (provider = $1 AND kek_version >= $2)
        AND ($3::text IS NULL OR (purpose, owner_id, version) > ($3, $4, $5))
      ORDER BY purpose, owner_id, version LIMIT ${batchSize}`,
    [provider.id, version, after?.purpose, after?.owner_id, after?.version],
  )
  return z.array(stored).parse(rows)
}

type Fresh = { readonly row: Stored; readonly wrapped: Wrapped }
type Item = { readonly row: Stored; readonly wrapped: Wrapped; readonly context: KeyContext }

async function wrapAnew(
  source: KeySource,
  { provider }: Target,
  rows: readonly Stored[],
  signal: AbortSignal,
): Promise<Fresh[]> {
  const items = rows.map((row): Item => ({
    row,
    wrapped: { provider: row.provider, version: row.kek_version, blob: new Uint8Array(row.wrapped) },
    context: keyContextFor(source.keyring, row.purpose, row.owner_id, row.version),
  }))
  const fresh: Fresh[] = []
  for (const [id, group] of Map.groupBy(items, (item) => item.row.provider)) {
    const from = await source.providers.find(id, signal)
    if (!from) continue
    const answers =
      from.id === provider.id
        ? await from.rewrap(group, signal)
        : await carryOver(from, provider, group, signal)
    for (const [at, answer] of answers.entries()) {
      const item = group[at]
      if (item && !('refused' in answer)) fresh.push({ row: item.row, wrapped: answer })
    }
  }
  return fresh
}

async function swap(source: KeySource, fresh: readonly Fresh[]): Promise<number> {
  if (fresh.length === 0) return 0
  // Locked in one order first: two operators wait for each other here, and never in a circle.
  const swapped = source.database.query(
    `WITH fresh AS (
       SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::int[], $6::bytea[], $7::text[], $8::int[], $9::bytea[])
         AS f (purpose, owner_id, version, old_provider, old_kek, old_wrapped, provider, kek_version, wrapped)),
     unchanged AS (
       SELECT k.purpose, k.owner_id, k.version FROM keys.data_key k JOIN fresh f USING (purpose, owner_id, version)
        WHERE k.provider = f.old_provider AND k.kek_version = f.old_kek AND k.wrapped = f.old_wrapped
        ORDER BY k.purpose, k.owner_id, k.version FOR UPDATE OF k)
     UPDATE keys.data_key k SET provider = f.provider, kek_version = f.kek_version, wrapped = f.wrapped
       FROM unchanged u JOIN fresh f USING (purpose, owner_id, version)
      WHERE k.purpose = u.purpose AND k.owner_id = u.owner_id AND k.version = u.version AND k.wrapped = f.old_wrapped`,
    [
      fresh.map(({ row }) => row.purpose),
      fresh.map(({ row }) => row.owner_id),
      fresh.map(({ row }) => row.version),
      fresh.map(({ row }) => row.provider),
      fresh.map(({ row }) => row.kek_version),
      fresh.map(({ row }) => Buffer.from(row.wrapped)),
      fresh.map(({ wrapped }) => wrapped.provider),
      fresh.map(({ wrapped }) => wrapped.version),
      fresh.map(({ wrapped }) => Buffer.from(wrapped.blob)),
    ],
  )
  try {
    return (await swapped).rowCount ?? 0
  } catch (error) {
    // Another operator has begun a later rotation, or a move; what it brings keys to is newer than this.
    if (wasOvertaken(error)) return 0
    throw error
  }
}
