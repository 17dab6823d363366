import 'server-only'

import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { cellColumn } from '#lib/crypto/cell-column.ts'
import { openCell } from '#lib/crypto/open-cell.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
import { sealCell } from '#lib/crypto/seal-cell.ts'
import { appQuery } from '#lib/db/app-database.ts'
import { KeysUnavailable } from '#lib/errors.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { withDataKeys } from '#lib/keys/with-data-keys.ts'
import type { Actor } from '#lib/policy/actor.ts'

const owner = 'org:main'
const column = cellColumn('saved-filter.content', 'json', 64)

/**
 * Keeps what somebody typed into a search on the server, sealed, and gives back the id that stands in the address
 * instead (ASVS 5.0 14.2.1). Filters older than a day are swept away as new ones come.
 */
export async function saveFilter(actor: Actor, kind: string, content: unknown): Promise<string> {
  const id = randomUUID()
  const key = await (await processKeyStore()).dataKeyForWriting(owner)
  const sealed = sealCell(key, column, rowAddress(id, owner), content as never)
  await appQuery(
    `DELETE FROM app.saved_filter WHERE account_id = $1 AND created_at < now() - interval '1 day'`,
    [actor.accountId],
  )
  await appQuery(
    'INSERT INTO app.saved_filter (id, account_id, kind, content_sealed) VALUES ($1, $2, $3, $4)',
    [id, actor.accountId, kind, sealed],
  )
  return id
}

/** Opens a kept search of the same person; null when there is none, or it is somebody else's. */
export async function openFilter<T>(
  actor: Actor,
  kind: string,
  id: string,
  shape: z.ZodType<T>,
): Promise<T | null> {
  if (!z.uuid().safeParse(id).success) return null
  const [row] = await appQuery<{ content_sealed: string }>(
    'SELECT content_sealed FROM app.saved_filter WHERE id = $1 AND account_id = $2 AND kind = $3',
    [id, actor.accountId, kind],
  )
  if (!row) return null
  const { content_sealed: sealed } = row
  const content = await withDataKeys(await processKeyStore(), new Set([owner]), (found) => {
    const keys = found.get(owner)
    if (!keys) throw new KeysUnavailable('the organisation has no data key')
    return openCell(keys, column, rowAddress(id, owner), sealed)
  })
  const parsed = shape.safeParse(content)
  return parsed.success ? parsed.data : null
}
