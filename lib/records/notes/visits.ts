import 'server-only'

import { now } from '#lib/clock.ts'
import type { VisitChoiceView } from './view.ts'

export const visitSelect = { id: true, startedAt: true, display: true, kind: true } as const

/** The visits that a note can be about: the newest twenty that have begun. */
export const recentVisits = () => ({
  where: { status: { notIn: ['entered-in-error', 'cancelled'] }, startedAt: { lte: now() } },
  orderBy: { startedAt: 'desc' as const },
  take: 20,
  select: visitSelect,
})

type Row = { id: string; startedAt: Date | null; display: string | null; kind: string | null }

export function toVisit(row: Row): VisitChoiceView[] {
  if (!row.startedAt) return []
  return [{ id: row.id, at: row.startedAt.toISOString(), name: row.display ?? row.kind ?? 'Visit' }]
}
