import 'server-only'

import { askTrail } from '#lib/audit/read-trail.ts'
import { clinic } from '#lib/clinic.ts'
import { now } from '#lib/clock.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { activityView } from './activity-view.ts'
import type { ActivityView } from './view.ts'

const days = 14

/** Entries and refused attempts of the whole clinic by day, over two weeks; the asking is on record like any search. */
export async function openClinicActivity(actor: Actor): Promise<ActivityView | null> {
  const end = now().getTime()
  const criteria = {
    from: new Date(end - days * 86_400_000).toISOString(),
    to: new Date(end + 60_000).toISOString(),
    zone: clinic.timeZone,
    summary: 'activity',
  }
  const rows = await askTrail(actor, 'AUDIT_SEARCH', criteria, (read) => read.clinicActivity())
  return rows && activityView(rows, criteria)
}
