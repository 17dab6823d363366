import 'server-only'

import { z } from 'zod'
import { readTrail, type TrailRow } from '#lib/audit/read-trail.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { entryViews } from './entry-views.ts'
import type { TrailPageView } from './view.ts'

/** What a search of the trail is kept as: the form as typed, and what it was understood to mean. */
export const trailFilterShape = z.object({
  form: z.record(z.string(), z.string()),
  from: z.string(),
  to: z.string(),
  /** null: no patient was asked for; empty: asked for and nobody found */
  patients: z.array(z.string()).nullable(),
  tooMany: z.boolean(),
})
export type TrailFilter = z.infer<typeof trailFilterShape>

const pageSize = 50
const cursorShape = z.tuple([z.string().regex(/^[0-9 :.+-]{10,40}$/), z.string().regex(/^\d{1,19}$/)])

/**
 * One page of the trail, newest first, by keyset. The search is itself on record before it is answered.
 * @param before cursor of an earlier page's `older`
 * @returns null when the database refuses the reader (not a compliance officer, or the session is over)
 */
export async function searchTrail(
  actor: Actor,
  filter: TrailFilter,
  before: string | null,
): Promise<TrailPageView | null> {
  const { form } = filter
  const cursor = before === null ? null : readCursor(before)
  const rows = await readTrail<TrailRow>(actor, 'AUDIT_SEARCH', {
    from: filter.from,
    to: filter.to,
    ...(filter.patients === null ? {} : { patients: filter.patients }),
    ...(form['actor'] ? { actor: form['actor'] } : {}),
    ...(form['action'] ? { action: form['action'] } : {}),
    ...(form['outcome'] ? { outcome: form['outcome'] } : {}),
    ...(form['view'] ? { view: form['view'] } : {}),
    ...(form['field'] ? { field: form['field'] } : {}),
    ...(form['address'] ? { address: form['address'] } : {}),
    ...(cursor === null ? {} : { before_at: cursor[0], before_seq: cursor[1] }),
    limit: pageSize + 1,
  })
  if (rows === null) return null
  const shown = rows.slice(0, pageSize)
  const last = shown.at(-1)
  return {
    entries: await entryViews(shown),
    older:
      rows.length > pageSize && last
        ? Buffer.from(JSON.stringify([last.at_exact, last.seq])).toString('base64url')
        : null,
  }
}

function readCursor(text: string): [string, string] | null {
  try {
    return cursorShape.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
  } catch {
    return null
  }
}
