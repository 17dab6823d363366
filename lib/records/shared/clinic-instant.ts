import 'server-only'

import { formatOffset } from '#lib/format.ts'

/**
 * The instant at which the clinic's wall clock showed this day and time, or null when they are none. In the hour that
 * comes twice in autumn it is the first one; a time that spring skips becomes the hour after.
 * @param day `YYYY-MM-DD`
 * @param time `HH:MM`, 24 hours
 */
export function clinicInstant(day: string, time: string): Date | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || !/^([01]\d|2[0-3]):[0-5]\d$/.test(time)) return null
  const wall = Date.parse(`${day}T${time}:00Z`)
  if (Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 10) !== day) return null
  // The offset is that of the instant, which is only known with the offset: asking twice settles it.
  const guess = wall - offsetMilliseconds(wall)
  return new Date(wall - offsetMilliseconds(guess))
}

function offsetMilliseconds(instant: number): number {
  const [, sign, hours, minutes] =
    /^([+-])(\d{2}):(\d{2})$/.exec(formatOffset(new Date(instant).toISOString())) ?? []
  const size = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000
  return sign === '-' ? -size : size
}
