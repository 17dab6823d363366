import 'server-only'

import { z } from 'zod'
import { personRoles } from '#lib/policy/roles.ts'
import { authQuery, authQueryOne } from './auth-query.ts'
import { newSessionToken, sessionTokenHash } from './session-token.ts'

const standing = z.object({
  session_id: z.uuid().nullable(),
  account_id: z.uuid().nullable(),
  role: z.enum([...personRoles, 'service']).nullable(),
  display_name: z.string().nullable(),
  state: z.enum(['active', 'idle', 'expired', 'ended', 'locked', 'unknown']),
  idle_expires_at: z.date().nullable(),
  absolute_expires_at: z.date().nullable(),
  second_factor_at: z.date().nullable(),
  previous_sign_in_at: z.date().nullable(),
  db_now: z.date(),
})

/** A session that may be used right now. */
export type ActiveSession = {
  state: 'active'
  sessionId: string
  accountId: string
  role: z.infer<typeof personRole>
  /** empty for patients and proxies: their name stands in the record alone */
  displayName: string
  idleExpiresAt: Date
  absoluteExpiresAt: Date
  secondFactorAt: Date
  previousSignInAt: Date | null
  /** the database's clock, which the times above belong to */
  serverNow: Date
}
const personRole = z.enum(personRoles)

/** Why a token is worth nothing; whose it was, where that is known. */
export type DeadSession = {
  state: 'idle' | 'expired' | 'ended' | 'locked' | 'unknown'
  accountId: string | null
}

export type SessionStanding = ActiveSession | DeadSession

/** What a token is worth now. Counts as use: the time without use begins anew (the row is touched at most every 30 s). */
export async function touchSession(token: string): Promise<SessionStanding> {
  return toStanding(await authQueryOne(standing, 'SELECT * FROM app.session_actor($1)', [token]))
}

/** What a token is worth now, without counting as use. */
export async function peekSession(token: string): Promise<SessionStanding> {
  return toStanding(await authQueryOne(standing, 'SELECT * FROM app.session_peek($1)', [token]))
}

/** Ends a session and records why. False when it had ended before. */
export async function endSession(token: string, reason: 'sign-out' | 'idle' | 'expired'): Promise<boolean> {
  const row = await authQueryOne(answer, 'SELECT app.session_end($1, $2) AS done', [token, reason])
  return row.done
}

/**
 * Notes that the person of an open session has just proved their second factor again, and exchanges the token: one that somebody
 * copied or planted before is worth nothing afterwards (ASVS 5.0 7.2.4).
 * @returns the new token, for the cookie; null when the session is not open, or the token is one from before another rise
 */
export async function raiseSession(token: string, method: 'totp' | 'passkey'): Promise<string | null> {
  const next = newSessionToken()
  const row = await authQueryOne(answer, 'SELECT app.session_raise($1, $2, $3) AS done', [
    token,
    method,
    sessionTokenHash(next),
  ])
  return row.done ? next : null
}

/** Ends another session of the same person, after a fresh second factor. False when there is no such session or it is somebody else's. */
export async function endOtherSession(token: string, sessionId: string): Promise<boolean> {
  const row = await authQueryOne(answer, 'SELECT app.session_end_other($1, $2) AS done', [token, sessionId])
  return row.done
}

const mySession = z.object({
  session_id: z.uuid(),
  opened_at: z.date(),
  last_active_at: z.date(),
  end_reason: z.string().nullable(),
  client_ip: z.string().nullable(),
  user_agent: z.string().nullable(),
  is_current: z.boolean(),
  is_active: z.boolean(),
  is_locked: z.boolean(),
  method: z.string(),
})

/** One sign-in of a person, as they may see it. */
export type SignInView = {
  sessionId: string
  openedAt: Date
  lastActiveAt: Date
  endReason: string | null
  clientIp: string | null
  userAgent: string | null
  isCurrent: boolean
  /** could still be used, or unlocked */
  isActive: boolean
  isLocked: boolean
  method: string
}

/** The person's last fifty sign-ins, newest first; open sessions among them. */
export async function listMySessions(token: string): Promise<SignInView[]> {
  const rows = await authQuery(mySession, 'SELECT * FROM app.my_sessions($1)', [token])
  return rows.map((row) => ({
    sessionId: row.session_id,
    openedAt: row.opened_at,
    lastActiveAt: row.last_active_at,
    endReason: row.end_reason,
    clientIp: row.client_ip,
    userAgent: row.user_agent,
    isCurrent: row.is_current,
    isActive: row.is_active,
    isLocked: row.is_locked,
    method: row.method,
  }))
}

const answer = z.object({ done: z.boolean() })

function toStanding(row: z.infer<typeof standing>): SessionStanding {
  const role = personRole.safeParse(row.role)
  if (
    row.state !== 'active' ||
    // A job's session is good for the worker's login alone, never for a browser.
    !role.success ||
    row.session_id === null ||
    row.account_id === null ||
    row.idle_expires_at === null ||
    row.absolute_expires_at === null ||
    row.second_factor_at === null
  ) {
    return { state: row.state === 'active' ? 'unknown' : row.state, accountId: row.account_id }
  }
  return {
    state: 'active',
    sessionId: row.session_id,
    accountId: row.account_id,
    role: role.data,
    displayName: row.display_name ?? '',
    idleExpiresAt: row.idle_expires_at,
    absoluteExpiresAt: row.absolute_expires_at,
    secondFactorAt: row.second_factor_at,
    previousSignInAt: row.previous_sign_in_at,
    serverNow: row.db_now,
  }
}
