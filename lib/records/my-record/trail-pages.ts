import 'server-only'

import { readWhoLooked, type WhoLookedRow } from '#lib/phi/read-who-looked.ts'
import type { AccessRow } from './group-accesses.ts'

/** The most that the database gives at once. */
const pageSize = 500

export type TrailPlace = { at: string; seq: string }
export type PlacedRow = AccessRow & { place: TrailPlace }

/** The trail of this unit's record, newest first, read in pages while more is asked for. */
export async function* trailRows(
  from: Date,
  to: Date,
  start: TrailPlace | null = null,
): AsyncGenerator<PlacedRow> {
  let before = start
  for (;;) {
    const rows = await readWhoLooked({ from, to, limit: pageSize, before })
    for (const row of rows) yield toRow(row)
    const last = rows.at(-1)
    if (rows.length < pageSize || !last) return
    before = { at: last.at_exact, seq: last.seq }
  }
}

/** A row of the trail as the words are made from. */
export function toRow(row: WhoLookedRow): PlacedRow {
  return {
    id: row.log_id,
    at: row.accessed_at.toISOString(),
    actorId: row.actor_user_id,
    actor: {
      name: row.actor_name,
      title: row.actor_title,
      role: row.actor_role,
      relation: row.relation,
      isOwn: row.is_own,
    },
    action: row.action_type,
    view: row.view,
    fields: row.changed_fields,
    purpose: row.purpose,
    refused: row.outcome === 'DENIED',
    emergency: row.is_emergency,
    place: { at: row.at_exact, seq: row.seq },
  }
}
