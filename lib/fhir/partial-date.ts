import { clinic } from '#lib/clinic.ts'

/**
 * FHIR dates may be a year, a month, a day or an instant (R4 §2.24.0.1). The text is kept as it was sent; `start` is
 * the first instant it covers. A date without a zone is the clinic's own day: as UTC it would be shown one day early.
 */
export type PartialDate = { text: string; precision: 'year' | 'month' | 'day' | 'instant'; start: Date }

const pattern =
  /^(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01])(?:T((?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?)(Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)))?)?)?$/

/** Reads a FHIR date, dateTime or instant. Null for anything else, days that no calendar has included. */
export function readPartialDate(text: string): PartialDate | null {
  const match = pattern.exec(text)
  if (!match) return null
  const [, year, month, day, time, zone] = match
  if (year === '0000') return null
  if (day && Number(day) > daysIn(Number(year), Number(month))) return null
  if (time) {
    // A leap second has no place in a JavaScript date; the last second of the minute stands for it.
    const start = new Date(`${year}-${month}-${day}T${time.replace(/:60/, ':59')}${zone}`)
    return { text, precision: 'instant', start }
  }
  const start = midnight(Date.UTC(Number(year), Number(month ?? 1) - 1, Number(day ?? 1)))
  return { text, precision: day ? 'day' : month ? 'month' : 'year', start }
}

/** The first instant a FHIR date covers, or null when there is none. The text must have been checked before. */
export function startOf(text: string | null | undefined): Date | null {
  return text ? (readPartialDate(text)?.start ?? null) : null
}

/** The calendar day a FHIR date starts on, `YYYY-MM-DD`; null when only a year or a month is known. */
export function dayOf(text: string | null | undefined): string | null {
  const found = text ? readPartialDate(text) : null
  return found && (found.precision === 'day' || found.precision === 'instant')
    ? found.text.slice(0, 10)
    : null
}

const zone = new Intl.DateTimeFormat('en-US', {
  timeZone: clinic.timeZone,
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
})

/** Asking for an offset costs more than reading the rest of a resource, and a file has few days in many places. */
const midnights = new Map<number, number>()
const midnightsMax = 50_000

/** The instant at which a day, given as its UTC midnight, begins in the clinic's zone. */
function midnight(utcMidnight: number): Date {
  const known = midnights.get(utcMidnight)
  if (known !== undefined) return new Date(known)
  // Twice: the first guess may lie on the other side of a change of the clocks.
  const guess = utcMidnight - offsetAt(utcMidnight)
  const instant = utcMidnight - offsetAt(guess)
  if (midnights.size >= midnightsMax) midnights.clear()
  midnights.set(utcMidnight, instant)
  return new Date(instant)
}

/** Milliseconds by which the clinic's wall clock is ahead of UTC at an instant. */
function offsetAt(instant: number): number {
  const parts = Object.fromEntries(zone.formatToParts(instant).map((part) => [part.type, Number(part.value)]))
  const wall = Date.UTC(
    parts['year'] ?? 0,
    (parts['month'] ?? 1) - 1,
    parts['day'],
    parts['hour'],
    parts['minute'],
    parts['second'],
  )
  return wall - instant
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}
