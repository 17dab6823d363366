/**
 * When a session warns and when it ends, as plain arithmetic on absolute times. The server decides; the browser only
 * shows what the server will do, so every figure here comes from an answer of the server (milliseconds since 1970).
 */
export type SessionTimes = {
  /** end of the fifteen minutes without use; moves with every use */
  idleExpiresAt: number
  /** end of the session whatever happens; never moves */
  absoluteExpiresAt: number
  /** the server's clock when it said so */
  serverNow: number
}

/** How long before the end the person is asked (WCAG 2.2.1 wants at least 20 seconds). */
export const warningMilliseconds = 2 * 60_000

/** A use is reported at most this often. */
export const heartbeatMilliseconds = 60_000

export type SessionPlan = {
  /** instants on the browser's own clock */
  warnAt: number
  endAt: number
  /** false when the end is the absolute one, which no key press moves */
  canExtend: boolean
}

/** Translates what the server said into the browser's clock, whose error against the server's is thereby left out. */
export function planSession(times: SessionTimes, receivedAt: number): SessionPlan {
  const expiresAt = Math.min(times.idleExpiresAt, times.absoluteExpiresAt)
  const endAt = receivedAt + (expiresAt - times.serverNow)
  return {
    warnAt: endAt - warningMilliseconds,
    endAt,
    canExtend: times.idleExpiresAt < times.absoluteExpiresAt,
  }
}

export type SessionPhase = 'open' | 'warned' | 'over'

export function phaseAt(plan: SessionPlan, now: number): SessionPhase {
  if (now >= plan.endAt) return 'over'
  return now >= plan.warnAt ? 'warned' : 'open'
}

/**
 * Whether an answer of the server is news: another tab was used since. Compares the server's figures with each other,
 * never with the browser's clock.
 */
export function isLater(answer: SessionTimes, known: SessionTimes): boolean {
  return (
    Math.min(answer.idleExpiresAt, answer.absoluteExpiresAt) >
    Math.min(known.idleExpiresAt, known.absoluteExpiresAt) + 1000
  )
}

/** When the next use may be reported: at once, or a minute after the last report. */
export function heartbeatDelay(lastHeartbeatAt: number, now: number): number {
  return Math.max(0, lastHeartbeatAt + heartbeatMilliseconds - now)
}

/** The remaining times that are spoken aloud; every second would be noise. */
const spokenAt = [
  { seconds: 120, text: 'You will be signed out in 2 minutes.' },
  { seconds: 60, text: 'You will be signed out in 1 minute.' },
  { seconds: 20, text: 'You will be signed out in 20 seconds.' },
] as const

/** What the live region says now: the last of the three announcements whose time has come. */
export function spokenText(plan: SessionPlan, now: number): string {
  const left = Math.round((plan.endAt - now) / 1000)
  const said = spokenAt.filter(({ seconds }) => left <= seconds)
  return said.at(-1)?.text ?? ''
}

/** Milliseconds until the next announcement is due, or until the end. */
export function nextAnnouncementIn(plan: SessionPlan, now: number): number {
  const left = plan.endAt - now
  const next = spokenAt.find(({ seconds }) => seconds * 1000 < left)
  return Math.max(0, next ? left - next.seconds * 1000 : left)
}
