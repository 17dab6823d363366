import 'server-only'

import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { countAccesses } from './list-who-looked.ts'
import { trailInterval } from './trail-period.ts'
import type { AccessCountView } from './view.ts'

/** How many people opened the record in the last seven days, for Home. No field of the record is opened for it. */
export async function countWhoLooked(actor: Actor, patientId: string): Promise<Outcome<AccessCountView>> {
  const { from, to } = trailInterval('7-days')
  return withRecord(actor, { view: 'my-access-log', action: 'READ', patients: [patientId], fields: {} }, () =>
    countAccesses(from, to),
  )
}
