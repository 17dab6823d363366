import 'server-only'

import { now } from '#lib/clock.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { countAccesses, type WhoLookedFilter } from './list-who-looked.ts'
import { isOwnSide, toView } from './group-accesses.ts'
import { trailRows } from './trail-pages.ts'
import { trailInterval } from './trail-period.ts'
import type { AccessCountView, AccessView } from './view.ts'
import { nameFields, nameSelect, toWhose } from './whose.ts'
import { isOfKind } from './access-kind.ts'

/** The most rows that a file holds. Beyond them the file says that it is not complete. */
export const exportedMax = 10_000

export type WhoLookedExport = {
  /** null for a record that was destroyed */
  name: string | null
  madeAt: Date
  /** newest first, one by one: nothing is folded together */
  accesses: AccessView[]
  count: AccessCountView
  isComplete: boolean
}

/** Everything that the list shows for a filter, to take along. That it was taken stands in the trail first. */
export async function exportWhoLooked(
  actor: Actor,
  patientId: string,
  { period, withOwn, kind = 'all' }: Omit<WhoLookedFilter, 'cursor'>,
): Promise<Outcome<WhoLookedExport>> {
  const { from, to } = trailInterval(period)
  const access = { view: 'my-access-log', action: 'EXPORT', patients: [patientId] } as const
  const collect = async (name: string | null): Promise<WhoLookedExport> => {
    const accesses: AccessView[] = []
    let isComplete = true
    for await (const row of trailRows(from, to)) {
      if ((!withOwn && isOwnSide(row)) || !isOfKind(row, kind)) continue
      if (accesses.length === exportedMax) {
        isComplete = false
        break
      }
      accesses.push(toView(row, actor.role === 'proxy' ? 'proxy' : 'self'))
    }
    return { name, madeAt: now(), accesses, count: await countAccesses(from, to), isComplete }
  }
  const outcome = await withRecord(actor, { ...access, fields: { Patient: nameFields } }, async (record) => {
    const patient = await record.patient.findUnique({ where: { id: patientId }, select: nameSelect })
    return collect(patient ? toWhose(patient).name : null)
  })
  if (outcome.kind === 'granted' || outcome.reason !== 'record-destroyed') return outcome
  return withRecord(actor, { ...access, fields: {} }, () => collect(null))
}
