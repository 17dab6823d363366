import 'server-only'

import { cookies } from 'next/headers'
import { z } from 'zod'
import { authQueryOne } from './auth-query.ts'
import { forgetChosenRecord } from './chosen-record.ts'
import { safeReturnPath } from './return-path.ts'
import { dropSealed, writeSealed } from './sealed-state.ts'
import { endSession, peekSession } from './session.ts'
import { cookieOptions, sessionCookie } from './session-cookie.ts'
import { isSessionToken } from './session-token.ts'

/** Why a session is over, as the signed-out page says it. */
export const signedOutReasons = [
  'sign-out',
  'idle',
  'expired',
  'ended',
  'limit',
  'unlock-failed',
  'passkey-only',
] as const
export type SignedOutReason = (typeof signedOutReasons)[number]

/**
 * Ends this browser's session in the database and deletes its cookies. Deleting an HttpOnly cookie in a server's
 * answer is what makes browsers throw away pages that they kept for the Back button.
 * @param path the page to come back to after signing in again, for the same person only
 */
export async function signOut(reason: 'sign-out' | 'idle' | 'expired', path: string | null): Promise<void> {
  const jar = await cookies()
  const token = jar.get(sessionCookie)?.value
  if (isSessionToken(token)) {
    const { accountId } = await peekSession(token)
    await endSession(token, reason)
    await rememberPath(reason === 'sign-out' ? null : path, accountId)
  }
  await forgetSession()
}

/**
 * Deletes the cookie of a session that is over and records an end that nobody has recorded yet.
 * @returns why it is over; that it is not; or null when there is none
 */
export async function clearDeadSession(
  path: string | null,
): Promise<SignedOutReason | 'active' | 'locked' | null> {
  const token = (await cookies()).get(sessionCookie)?.value
  if (!isSessionToken(token)) {
    await rememberPath(path, null)
    return null
  }
  const standing = await peekSession(token)
  if (standing.state === 'active' || standing.state === 'locked') return standing.state
  if (standing.state === 'idle' || standing.state === 'expired') await endSession(token, standing.state)
  await rememberPath(path, standing.accountId)
  await forgetSession()
  if (standing.state === 'unknown') return null
  return standing.state === 'ended' ? reasonOfEnd(token) : standing.state
}

/** An end that its person can do something about is told as it is; everything else is "ended". */
async function reasonOfEnd(token: string): Promise<SignedOutReason> {
  const row = await authQueryOne(
    z.object({ reason: z.string().nullable() }),
    'SELECT app.session_end_reason($1) AS reason',
    [token],
  )
  const told = z.enum(['limit', 'unlock-failed', 'passkey-only']).safeParse(row.reason)
  return told.success ? told.data : 'ended'
}

async function rememberPath(path: string | null, accountId: string | null): Promise<void> {
  const safe = safeReturnPath(path)
  if (safe === null) await dropSealed('return')
  else await writeSealed('return', { accountId, path: safe })
}

async function forgetSession(): Promise<void> {
  const jar = await cookies()
  jar.set(sessionCookie, '', { ...cookieOptions, maxAge: 0 })
  await forgetChosenRecord()
  await dropSealed('second-factor', 'enrolment', 'recovery-codes')
}
