import 'server-only'

import type { ActivityRow } from '#lib/audit/read-trail.ts'
import type { ActivityView } from './view.ts'

/** Longest series that is drawn: a hundred days, or fifty hours. */
const mostBars = 120

/**
 * Activity over time with its empty intervals, which the database leaves out: a quiet night is part of the picture.
 * Intervals are counted on the wall clock of the zone, so that a day is a day also when the clocks change.
 */
export function activityView(rows: readonly ActivityRow[]): ActivityView | null {
  const [first] = rows
  const last = rows.at(-1)
  if (!first || !last) return null
  const found = new Map(rows.map((row) => [row.starts_at, row]))
  const bars: ActivityView['bars'] = []
  for (
    let wall = first.starts_at;
    wall <= last.starts_at && bars.length < mostBars;
    wall = next(wall, first.unit)
  ) {
    const row = found.get(wall)
    bars.push({ startsAt: wall, entries: Number(row?.entries ?? 0), refused: Number(row?.refused ?? 0) })
  }
  return { unit: first.unit, bars }
}

/** The next interval's begin, `YYYY-MM-DDTHH:mm` on the same wall clock. */
function next(wall: string, unit: ActivityRow['unit']): string {
  const at = new Date(`${wall}:00Z`)
  if (unit === 'hour') at.setUTCHours(at.getUTCHours() + 1)
  else if (unit === 'day') at.setUTCDate(at.getUTCDate() + 1)
  else at.setUTCMonth(at.getUTCMonth() + 1)
  return at.toISOString().slice(0, 16)
}
