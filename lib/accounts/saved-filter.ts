import 'server-only'

import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { appQuery } from '#lib/db/app-database.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { openFilterContents, sealFilterContent } from './sealed-filter.ts'

/**
 * Keeps what somebody typed into a search on the server, sealed, and gives back the id that stands in the address
 * instead (ASVS 5.0 14.2.1). Filters older than a day are swept away as new ones come.
 */
export async function saveFilter(
  actor: Pick<Actor, 'accountId'>,
  kind: string,
  content: unknown,
): Promise<string> {
  const id = randomUUID()
  const sealed = await sealFilterContent(id, content)
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
  actor: Pick<Actor, 'accountId'>,
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
  const [content] = await openFilterContents([{ id, sealed: row.content_sealed }])
  const parsed = shape.safeParse(content)
  return parsed.success ? parsed.data : null
}
