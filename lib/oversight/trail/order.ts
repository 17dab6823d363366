import 'server-only'

import { z } from 'zod'

/** What the entries of an answer can be sorted by: each element of a row (45 CFR 170.315(d)(3)). */
export const trailSorts = {
  time: 'Time',
  who: 'Who',
  role: 'Role',
  patient: 'Patient',
  action: 'Action',
  outcome: 'Outcome',
  part: 'Part',
  model: 'Kind of row',
  purpose: 'Purpose',
  reason: 'Reason',
  relation: 'Relation',
  address: 'Network address',
  session: 'Session',
  request: 'Request',
  emergency: 'Emergency access',
} as const
export type TrailSort = keyof typeof trailSorts

export type TrailOrder = { sort: TrailSort; direction: 'ascending' | 'descending' }

const shape = z.object({
  sort: z.enum(Object.keys(trailSorts) as [TrailSort, ...TrailSort[]]).catch('time'),
  direction: z.enum(['ascending', 'descending']).optional().catch(undefined),
})

/** The order that an address asks for; newest first when it asks for none. */
export function readOrder(raw: { sort?: unknown; direction?: unknown }): TrailOrder {
  const { sort, direction } = shape.parse(raw)
  return { sort, direction: direction ?? (sort === 'time' ? 'descending' : 'ascending') }
}
