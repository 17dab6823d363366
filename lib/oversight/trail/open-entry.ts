import 'server-only'

import { z } from 'zod'
import { askTrail, type EntrySealRow, type TrailEventRow } from '#lib/audit/read-trail.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { entryViews } from './entry-views.ts'
import type { EntrySealView, TrailEntryDetailView } from './view.ts'

/** How many entries beside the one that was asked for audit.read_trail_event gives. */
const aroundMax = 100

/**
 * One entry of the trail, whole, with what the seal says of it, the other rows of its request, and what the same person did
 * within five minutes of it. Opening it is on record.
 * @param accessedAt when the entry was written, as its list gave it: the trail is kept by month
 * @returns null when there is no such entry, or the reader is refused
 */
export async function openTrailEntry(
  actor: Actor,
  logId: string,
  accessedAt: string,
): Promise<TrailEntryDetailView | null> {
  if (!isPlace(logId, accessedAt)) return null
  const criteria = { log_id: logId, accessed_at: accessedAt }
  const found = await askTrail(actor, 'AUDIT_EVENT_OPENED', criteria, async (read) => ({
    rows: await read.event(),
    seal: await read.seal(),
  }))
  const subject = found?.rows.find((row) => row.is_subject)
  if (!found || !subject) return null
  const others = found.rows.filter((row) => !row.is_subject)
  const isSame = (row: TrailEventRow): boolean => row.request_id === subject.request_id
  const [[entry], sameRequest, related] = await Promise.all([
    entryViews([subject]),
    entryViews(others.filter((row) => isSame(row))),
    entryViews(others.filter((row) => !isSame(row))),
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
      explanation: subject.explanation,
    },
    seal: sealView(found.seal),
    sameRequest,
    related,
    isCut: others.length >= aroundMax,
  }
}

/** Whether an address can be that of an entry: its number, and the instant as the database writes it. */
export function isPlace(logId: string, accessedAt: string): boolean {
  return z.uuid().safeParse(logId).success && /^\d{4}-\d{2}-\d{2}[0-9 T:.+Z-]{5,30}$/.test(accessedAt)
}

function sealView(row: EntrySealRow | null): EntrySealView {
  if (!row) return null
  const { verified_at: at, verified_ok: ok, verified_size: size } = row
  const isCovered = at !== null && ok !== null && size !== null && BigInt(size) > BigInt(row.leaf_index)
  return {
    leaf: row.leaf_index,
    hash: row.leaf_hash,
    sealedAt: row.sealed_at.toISOString(),
    treeSize: row.tree_size,
    verified: isCovered ? { at: at.toISOString(), ok } : null,
  }
}
