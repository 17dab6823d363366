import 'server-only'

import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { isOfKind, type AccessKind } from './access-kind.ts'
import { AccessCount, groupAccesses, isOwnSide } from './group-accesses.ts'
import { readTrailCursor, writeTrailCursor } from './trail-cursor.ts'
import { trailRows, type PlacedRow } from './trail-pages.ts'
import { trailInterval, type TrailPeriod } from './trail-period.ts'
import type { WhoLookedView, WhoseView } from './view.ts'
import { nameFields, nameSelect, toWhose } from './whose.ts'

export const whoLookedPageSize = 100
/** Rows that are counted for the sentence above the list; with more, it says "at least". */
const countedMax = 10_000

const fields = { Patient: nameFields }

export type WhoLookedFilter = {
  period: TrailPeriod
  /** Also what the patient and those who act for them opened. */
  withOwn: boolean
  /** narrows the list; the sentence above it counts everything */
  kind?: AccessKind
  /** the `next` of the page before */
  cursor?: string | undefined
}

/**
 * Who opened the record, what part of it, when and why, newest first (45 CFR 164.528 asks for less: disclosures alone).
 * Refused attempts are listed too. The person who asks is in the list as well, since this was written down first.
 * Null when there is no such patient. The list of a destroyed record stays, without the name.
 */
export async function listWhoLooked(
  actor: Actor,
  patientId: string,
  { period, withOwn, kind = 'all', cursor }: WhoLookedFilter,
): Promise<Outcome<WhoLookedView | null>> {
  const { from, to } = trailInterval(period)
  const access = { view: 'my-access-log', action: 'READ', patients: [patientId] } as const
  const list = async (whose: WhoseView | null): Promise<WhoLookedView> => {
    const { rows, next } = await page(from, to, withOwn, kind, cursor)
    return {
      whose,
      count: await countAccesses(from, to),
      days: groupAccesses(rows, actor.role === 'proxy' ? 'proxy' : 'self'),
      next,
    }
  }
  const outcome = await withRecord(actor, { ...access, fields }, async (record) => {
    const patient = await record.patient.findUnique({ where: { id: patientId }, select: nameSelect })
    return patient ? list(toWhose(patient)) : null
  })
  if (outcome.kind === 'granted' || outcome.reason !== 'record-destroyed') return outcome
  return withRecord(actor, { ...access, fields: {} }, () => list(null))
}

async function page(from: Date, to: Date, withOwn: boolean, kind: AccessKind, cursor: string | undefined) {
  const rows: PlacedRow[] = []
  for await (const row of trailRows(from, to, readTrailCursor(cursor))) {
    if ((!withOwn && isOwnSide(row)) || !isOfKind(row, kind)) continue
    const last = rows.at(-1)
    if (rows.length === whoLookedPageSize && last) return { rows, next: writeTrailCursor(last.place) }
    rows.push(row)
  }
  return { rows, next: null }
}

/** Counts who opened this unit's record in a period. Inside a unit that was admitted to `my-access-log` only. */
export async function countAccesses(from: Date, to: Date): Promise<WhoLookedView['count']> {
  const count = new AccessCount()
  let seen = 0
  for await (const row of trailRows(from, to)) {
    if (seen === countedMax) return count.result(true)
    count.add(row)
    seen += 1
  }
  return count.result(false)
}
