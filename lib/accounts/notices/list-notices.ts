import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { NoticeView } from './view.ts'
import { noticeWords } from './words.ts'

type Row = { id: string; kind: string; reference: string; created_at: Date; read_at: Date | null }

/**
 * A person's own notices, newest first, at most 100.
 * @throws pg's errors as they are: callers must not show their texts
 */
export async function listNotices(actor: Actor): Promise<NoticeView[]> {
  const rows = await appQuery<Row>(
    'SELECT id, kind, reference, created_at, read_at FROM app.my_notices($1, 100)',
    [actor.sessionToken],
  )
  return rows.map((row) => ({
    id: row.id,
    ...noticeWords(row.kind, row.reference),
    at: row.created_at.toISOString(),
    isRead: row.read_at !== null,
  }))
}
