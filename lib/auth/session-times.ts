import 'server-only'

import type { ActiveSession } from './session.ts'

/**
 * When a session warns and ends, for the browser: milliseconds since 1970 on the database's clock. The same shape as
 * components/shell/session-timing.ts reads.
 */
export type SessionTimes = { idleExpiresAt: number; absoluteExpiresAt: number; serverNow: number }

/** A session's times as numbers. */
export function timesOf(session: ActiveSession): SessionTimes {
  return {
    idleExpiresAt: session.idleExpiresAt.getTime(),
    absoluteExpiresAt: session.absoluteExpiresAt.getTime(),
    serverNow: session.serverNow.getTime(),
  }
}
