import 'server-only'

import { askTrail } from '#lib/audit/read-trail.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { activityView } from './activity-view.ts'
import { trailCriteria, type TrailFilter } from './criteria.ts'
import { makeCursor, readCursor } from '#lib/accounts/trail-cursor.ts'
import { entryViews } from './entry-views.ts'
import type { TrailOrder } from './order.ts'
import type { TrailPageView } from './view.ts'

/** Entries are counted to here; who finds more than that narrows the search. */
export const countCap = 10_000

/**
 * One page of the trail by keyset, with the count of all that fits (capped) and, while it is not more than that, its activity
 * over time. The search is itself on record before it is answered.
 * @param asked.scope what cursors are good for: one search of one person
 * @param asked.after cursor of an earlier page's `next`; one that was not made here begins at the beginning
 * @param asked.limit rows of the page, to 200
 * @returns null when the database refuses the reader (not a compliance officer, or the session is over)
 */
export async function searchTrail(
  actor: Actor,
  filter: TrailFilter,
  asked: { scope: string; order: TrailOrder; after: string | null; limit?: number },
): Promise<TrailPageView | null> {
  const { order, limit = 50 } = asked
  const scope = [actor.accountId, asked.scope, order.sort, order.direction].join('\n')
  const after = asked.after === null ? null : await readCursor(scope, asked.after)
  const criteria = {
    ...trailCriteria(filter),
    ...(order.sort === 'time' ? {} : { sort: order.sort }),
    ...(order.direction === 'descending' ? {} : { direction: order.direction }),
    ...(after === null ? {} : { after_key: after.key, after_at: after.at, after_seq: after.seq }),
    limit: limit + 1,
  }
  return askTrail(actor, 'AUDIT_SEARCH', criteria, async (read) => {
    const [rows, count] = await Promise.all([read.page(), read.count()])
    const isMany = count > countCap
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    return {
      entries: await entryViews(shown),
      count: Math.min(count, countCap),
      isMany,
      activity:
        isMany || count === 0
          ? null
          : activityView(await read.activity(), { ...filter, zone: filter.form['zone'] || 'UTC' }),
      isFirst: after === null,
      next: rows.length > limit && last ? await makeCursor(scope, last) : null,
    }
  })
}
