import 'server-only'

import { randomUUID } from 'node:crypto'
import { appQuery } from '#lib/db/app-database.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { openFilterContents, sealFilterContent } from './sealed-filter.ts'

type Asker = Pick<Actor, 'sessionToken' | 'clientIp'>

/** Why the database kept nothing, or nothing changed. */
export type ViewRefusal = 'no-session' | 'session-idle' | 'session-expired' | 'session-ended' | 'no-policy' | 'no-relation' | 'too-many' // prettier-ignore

export type KeptView = {
  id: string
  content: unknown
  isOwn: boolean
  isShared: boolean
  ownerName: string | null
  lastUsedAt: Date | null
}

type Row = {
  id: string
  content_sealed: string
  is_own: boolean
  is_shared: boolean
  owner_name: string | null
  last_used_at: Date | null
}

/** Keeps a search of the trail under a name; both are in `content`, which is sealed. Done when null is returned. */
export async function keepView(
  actor: Asker,
  content: unknown,
  isShared: boolean,
): Promise<ViewRefusal | null> {
  const id = randomUUID()
  const [row] = await appQuery<{ refusal: ViewRefusal | null }>(
    'SELECT app.trail_view_save($1, $2, $3, $4, $5) AS refusal',
    [actor.sessionToken, id, await sealFilterContent(id, content), isShared, actor.clientIp],
  )
  return row?.refusal ?? null
}

/** Views that a compliance officer may run: their own and the shared ones; none for anybody else. */
export async function keptViews(actor: Asker): Promise<KeptView[]> {
  const rows = await appQuery<Row>('SELECT * FROM app.trail_views($1)', [actor.sessionToken])
  const contents = await openFilterContents(rows.map((row) => ({ id: row.id, sealed: row.content_sealed })))
  return rows.map((row, index) => ({
    id: row.id,
    content: contents[index],
    isOwn: row.is_own,
    isShared: row.is_shared,
    ownerName: row.owner_name,
    lastUsedAt: row.last_used_at,
  }))
}

/** One view, to be run; null when there is none, or it is somebody else's and not shared. */
export async function openView(actor: Asker, id: string): Promise<unknown> {
  const [row] = await appQuery<{ content_sealed: string }>('SELECT * FROM app.trail_view_open($1, $2)', [
    actor.sessionToken,
    id,
  ])
  if (!row) return null
  const [content] = await openFilterContents([{ id, sealed: row.content_sealed }])
  return content
}

/** Shares a view of one's own, takes it back, or removes it. Done when null is returned. */
export async function changeView(
  actor: Asker,
  id: string,
  change: 'share' | 'unshare' | 'remove',
): Promise<ViewRefusal | null> {
  const [row] = await appQuery<{ refusal: ViewRefusal | null }>(
    'SELECT app.trail_view_change($1, $2, $3, $4) AS refusal',
    [actor.sessionToken, id, change, actor.clientIp],
  )
  return row?.refusal ?? null
}
