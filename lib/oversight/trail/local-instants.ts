import 'server-only'

/**
 * The instants that a wall-clock time in a zone can mean: none on the night the clocks go forward, two on the night
 * they go back, one otherwise. Databases pick one silently in both cases, which would answer the wrong question.
 *
 * @param local `YYYY-MM-DDTHH:mm` or `YYYY-MM-DDTHH:mm:ss`
 * @param zone IANA name
 * @returns milliseconds since 1970, ascending; null when the text is no time at all
 */
export function localInstants(local: string, zone: string): number[] | null {
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?$/.exec(local)
  if (!match) return null
  const wall = Date.parse(`${match[1]}T${match[2]}:${match[3]}:${match[4] ?? '00'}Z`)
  if (Number.isNaN(wall) || !new Date(wall).toISOString().startsWith(match[1] ?? '')) return null
  // Every offset that holds within a day of the time is tried; the zone decides which of them are true.
  const candidates = [-24, 0, 24].map((hours) => wall - offsetAt(wall + hours * 3_600_000, zone))
  return [...new Set(candidates)]
    .filter((instant) => instant + offsetAt(instant, zone) === wall)
    .toSorted((a, b) => a - b)
}

/** Milliseconds by which a zone is ahead of UTC at an instant. */
function offsetAt(instant: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(instant)
  const part = (type: string): number => Number(parts.find((p) => p.type === type)?.value)
  const wall = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  return wall - Math.floor(instant / 1000) * 1000
}
