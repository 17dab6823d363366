import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import type { Actor } from '#lib/policy/actor.ts'

type Counted = Record<'active' | 'to_review' | 'overdue' | 'to_sign' | 'incidents' | 'incidents_due', string>

/** How much of emergency access and incidents waits for compliance: numbers alone, none for other roles. */
export async function countWaiting(actor: Actor): Promise<Record<keyof Counted, number>> {
  const [row] = await appQuery<Counted>('SELECT * FROM audit.break_glass_waiting($1)', [actor.sessionToken])
  const of = (key: keyof Counted) => Number(row?.[key] ?? 0)
  return {
    active: of('active'),
    to_review: of('to_review'),
    overdue: of('overdue'),
    to_sign: of('to_sign'),
    incidents: of('incidents'),
    incidents_due: of('incidents_due'),
  }
}
