import 'server-only'

import type { ActivityRow } from '#lib/audit/read-trail.ts'
import { formatAuditTimestamp } from '#lib/format.ts'
import type { ActivityView } from './view.ts'

/** Longest series that is drawn: a hundred days, or fifty hours. */
const mostBars = 120

type Period = { from: string; to: string; zone: string }

/**
 * Activity over a period with its empty intervals, which the database leaves out: a quiet night is part of the picture.
 * Intervals are counted on the wall clock of the zone, so that a day is a day also when the clocks change.
 * @param period half open, ISO instants; the zone that the intervals begin in
 * @returns null when nothing happened
 */
export function activityView(rows: readonly ActivityRow[], period: Period): ActivityView | null {
  const unit = rows[0]?.unit
  if (unit === undefined) return null
  const found = new Map(rows.map((row) => [row.starts_at, row]))
  const last = beginOf(new Date(Date.parse(period.to) - 1).toISOString(), period.zone, unit)
  const bars: ActivityView['bars'] = []
  for (
    let wall = beginOf(period.from, period.zone, unit);
    wall <= last && bars.length < mostBars;
    wall = next(wall, unit)
  ) {
    const row = found.get(wall)
    bars.push({ startsAt: wall, entries: Number(row?.entries ?? 0), refused: Number(row?.refused ?? 0) })
  }
  return { unit, bars }
}

/** The begin of the interval that an instant lies in: `YYYY-MM-DDTHH:mm` on the zone's wall clock. */
function beginOf(instant: string, zone: string, unit: ActivityRow['unit']): string {
  const wall = formatAuditTimestamp(instant, zone)
  if (unit === 'hour') return `${wall.slice(0, 13)}:00`
  return unit === 'day' ? `${wall.slice(0, 10)}T00:00` : `${wall.slice(0, 7)}-01T00:00`
}

/** The next interval's begin on the same wall clock. */
function next(wall: string, unit: ActivityRow['unit']): string {
  const at = new Date(`${wall}:00Z`)
  if (unit === 'hour') at.setUTCHours(at.getUTCHours() + 1)
  else if (unit === 'day') at.setUTCDate(at.getUTCDate() + 1)
  else at.setUTCMonth(at.getUTCMonth() + 1)
  return at.toISOString().slice(0, 16)
}
