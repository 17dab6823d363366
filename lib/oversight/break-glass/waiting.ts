import 'server-only'

import { countWaiting } from '#lib/audit/break-glass/count-waiting.ts'
import type { Actor } from '#lib/policy/actor.ts'

export type WaitingView = {
  active: number
  toReview: number
  overdue: number
  toSign: number
  incidents: number
  incidentsDue: number
}

/** How much of emergency access and incidents waits for compliance. */
export async function readWaiting(actor: Actor): Promise<WaitingView> {
  const counted = await countWaiting(actor)
  return {
    active: counted.active,
    toReview: counted.to_review,
    overdue: counted.overdue,
    toSign: counted.to_sign,
    incidents: counted.incidents,
    incidentsDue: counted.incidents_due,
  }
}
