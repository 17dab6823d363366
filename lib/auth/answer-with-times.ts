import 'server-only'

import { cookies } from 'next/headers'
import { peekSession, touchSession } from './session.ts'
import { sessionCookie } from './session-cookie.ts'
import { timesOf } from './session-times.ts'
import { isSessionToken } from './session-token.ts'

/** The answer to a tab that asks about its session: its times, or 401 with why it is over. */
export async function answerWithTimes(how: 'touch' | 'peek'): Promise<Response> {
  const token = (await cookies()).get(sessionCookie)?.value
  const standing = isSessionToken(token) ? await (how === 'touch' ? touchSession : peekSession)(token) : null
  if (standing?.state !== 'active')
    return Response.json({ state: standing?.state ?? 'unknown' }, { status: 401 })
  const times = timesOf(standing)
  const expiresAt = new Date(Math.min(times.idleExpiresAt, times.absoluteExpiresAt)).toISOString()
  return Response.json(times, { headers: { 'X-Session-Expires-At': expiresAt } })
}
