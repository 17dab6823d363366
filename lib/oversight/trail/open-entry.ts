import 'server-only'

import { z } from 'zod'
import { readTrail, type TrailRow } from '#lib/audit/read-trail.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { entryViews } from './entry-views.ts'
import type { TrailEntryDetailView } from './view.ts'

type DetailRow = TrailRow & {
  is_subject: boolean
  db_role: string | null
  db_user: string
  tx_id: string
  session_id: string | null
  request_id: string
  resource_type: string | null
  resource_id: string | null
  on_behalf_of: string | null
  break_glass_id: string | null
}

/**
 * One entry of the trail, whole, with what the same person did within five minutes of it. Opening it is on record.
 * @param accessedAt when the entry was written, as its list gave it: the trail is kept by month
 * @returns null when there is no such entry, or the reader is refused
 */
export async function openTrailEntry(
  actor: Actor,
  logId: string,
  accessedAt: string,
): Promise<TrailEntryDetailView | null> {
  if (!z.uuid().safeParse(logId).success || !/^\d{4}-\d{2}-\d{2}[0-9 T:.+Z-]{5,30}$/.test(accessedAt))
    return null
  const rows = await readTrail<DetailRow>(actor, 'AUDIT_EVENT_OPENED', {
    log_id: logId,
    accessed_at: accessedAt,
  })
  const subject = rows?.find((row) => row.is_subject)
  if (!rows || !subject) return null
  const [[entry], related] = await Promise.all([
    entryViews([subject]),
    entryViews(rows.filter((row) => !row.is_subject)),
  ])
  if (!entry) return null
  return {
    entry: {
      ...entry,
      sequence: subject.seq,
      databaseRole: subject.db_role,
      databaseLogin: subject.db_user,
      transaction: subject.tx_id,
      sessionId: subject.session_id,
      requestId: subject.request_id,
      resourceType: subject.resource_type,
      resourceId: subject.resource_id,
      onBehalfOf: subject.on_behalf_of === null ? null : entry.patientReference,
      breakGlassId: subject.break_glass_id,
    },
    related,
  }
}
