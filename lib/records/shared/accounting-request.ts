import 'server-only'

import { z } from 'zod'
import { localDay } from '#lib/format.ts'
import { clinicInstant } from './clinic-instant.ts'
import type { AccountingRequestRow } from './view.ts'

/** What every reader of a request selects. */
export const requestSelect = {
  id: true,
  status: true,
  periodFrom: true,
  periodTo: true,
  requestedAt: true,
  dueAt: true,
  providedAt: true,
  extensionReason: true,
} as const

type Row = {
  id: string
  status: string
  periodFrom: Date
  periodTo: Date
  requestedAt: Date
  dueAt: Date
  providedAt: Date | null
  extensionReason: string | null
}

const statusShape = z.enum(['open', 'extended', 'provided'])
const dayMilliseconds = 86_400_000

/** A request for an accounting as both sides read it. */
export function toRequest(row: Row): AccountingRequestRow {
  return {
    id: row.id,
    status: statusShape.parse(row.status),
    from: localDay(row.periodFrom.toISOString()),
    to: localDay(new Date(row.periodTo.getTime() - 1).toISOString()),
    requestedAt: row.requestedAt.toISOString(),
    dueAt: row.dueAt.toISOString(),
    providedAt: row.providedAt?.toISOString() ?? null,
    extensionReason: row.extensionReason,
  }
}

/** Six years back from now are accounted for (164.528(a)(1)). */
export const accountingYears = 6

/**
 * The instants between which the clinic's days from (included) to (included) lie, cut to the six years before `present`. Null
 * when nothing is left of them.
 * @param from `YYYY-MM-DD`
 */
export function accountingPeriod(from: string, to: string, present: Date): { from: Date; to: Date } | null {
  const [first, last] = [clinicInstant(from, '00:00'), clinicInstant(nextDay(to), '00:00')]
  if (!first || !last) return null
  const earliest = new Date(present)
  earliest.setUTCFullYear(earliest.getUTCFullYear() - accountingYears)
  const begin = first < earliest ? earliest : first
  const tomorrow = clinicInstant(nextDay(localDay(present.toISOString())), '00:00')
  const end = tomorrow && last > tomorrow ? tomorrow : last
  return begin < end ? { from: begin, to: end } : null
}

function nextDay(day: string): string {
  const at = Date.parse(`${day}T12:00:00Z`)
  return Number.isNaN(at) ? day : new Date(at + dayMilliseconds).toISOString().slice(0, 10)
}
