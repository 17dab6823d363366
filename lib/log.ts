import { now } from './clock.ts'

/**
 * The product's own log: one JSON line per event on stderr, for operators and machines.
 * It can hold no PHI by construction: an event is a name from this list with the fields listed beside it, a field is a
 * scalar that must have the shape given below, and whatever has another shape is written as "[redacted]".
 * To log something new, add a line to `events`.
 */
const shapes = {
  reference: /^V-[0-9A-Z]{4}-[0-9A-Z]{4}$/,
  requestId: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  errorName: /^[A-Z][A-Za-z]{2,40}( [A-Z0-9_]{2,40})?$/,
  /** SQLSTATE or a system code such as ENOSPC */
  code: /^[A-Z0-9_]{2,40}$/,
  /** a place in our own source, such as "door.admit" */
  place: /^[a-z][a-z-]*([./][a-z][a-z-]*){0,4}$/,
  signal: /^SIG[A-Z0-9]{2,8}$/,
  status: /^[1-5][0-9]{2}$/,
  count: /^[0-9]{1,12}$/,
  milliseconds: /^[0-9]{1,12}$/,
  port: /^[0-9]{1,5}$/,
} as const

type Field = keyof typeof shapes

const events = {
  /** the web process answers requests */
  'web.ready': ['port', 'milliseconds'],
  /** the web process was told to end */
  'web.stopping': ['signal'],
  /** a request ended in an error page; the page shows the same reference */
  'request.failed': ['reference', 'requestId', 'errorName', 'code', 'place', 'status'],
  /** an idle connection of a pool broke; the pool replaces it */
  'database.connection-lost': ['code', 'place'],
  /** a connection could not be handed back clean and was closed instead */
  'database.connection-discarded': ['code', 'place'],
  /** the database, the key store or the sealer does not answer the readiness question */
  'ready.refused': ['reference', 'errorName', 'code', 'place'],
  /** a commit came back with a warning and counts as failed (synchronous replication was cancelled) */
  'database.commit-in-doubt': ['requestId', 'code', 'place'],
  'job.finished': ['place', 'count', 'milliseconds'],
  'job.failed': ['place', 'reference', 'errorName', 'code'],
} as const satisfies Record<string, readonly Field[]>

export type LogEvent = keyof typeof events
export type LogFields<Event extends LogEvent> = Partial<
  Record<(typeof events)[Event][number], string | number | undefined>
>

/** The line that is written for an event; its own function so that a test can read it. */
export const logLine = <Event extends LogEvent>(event: Event, fields: LogFields<Event>): string => {
  const line: Record<string, string | number> = { at: now().toISOString(), event }
  const given: Partial<Record<Field, string | number | undefined>> = fields
  for (const field of events[event]) {
    const value = given[field]
    if (value === undefined) continue
    line[field] = shapes[field].test(String(value)) ? value : '[redacted]'
  }
  return JSON.stringify(line)
}

/** Writes one event to stderr. Never throws: a full log disk must not end a request. */
export const log = <Event extends LogEvent>(event: Event, fields: LogFields<Event>): void => {
  try {
    process.stderr.write(`${logLine(event, fields)}\n`)
  } catch {
    // Nowhere to say it.
  }
}
