import 'server-only'

import { createHash, randomBytes } from 'node:crypto'
import { cookies } from 'next/headers'
import { z } from 'zod'
import { authQueryOne } from './auth-query.ts'
import { cookieName, cookieOptions } from './session-cookie.ts'

const deviceCookie = cookieName('device')
/** As long as browsers keep any cookie (RFC 6265bis §5.5). */
const secondsValid = 400 * 24 * 60 * 60

const hashOf = (token: string): Buffer => createHash('sha256').update(token, 'utf8').digest()

/**
 * What this browser is known by: the SHA-256 of a random cookie that it got when somebody signed in with it. It opens nothing; it
 * tells a browser that was used before from one that was not (OWASP, "Device Cookies"). Null without one.
 */
export async function deviceHash(): Promise<Buffer | null> {
  const token = (await cookies()).get(deviceCookie)?.value
  return token !== undefined && /^[A-Za-z0-9_-]{43}$/.test(token) ? hashOf(token) : null
}

/**
 * Notes the browser of a session that has just been opened, before the session's token is handed out: one that this person was never
 * seen in is told of by e-mail. Such a browser gets a new cookie, which goes on standing for whoever else was known by the old one: a
 * cookie that somebody planted is known to nobody afterwards. For server actions and route handlers.
 * @throws RecordUnavailable when it cannot be noted: then nobody is signed in
 */
export async function noteDevice(sessionToken: string): Promise<void> {
  const former = await deviceHash()
  const token = randomBytes(32).toString('base64url')
  const { outcome } = await authQueryOne(
    z.object({ outcome: z.string() }),
    'SELECT app.device_note($1, $2, $3) AS outcome',
    [sessionToken, hashOf(token), former],
  )
  if (outcome === 'new')
    (await cookies()).set(deviceCookie, token, { ...cookieOptions, maxAge: secondsValid })
}
