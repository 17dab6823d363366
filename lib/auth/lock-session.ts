import 'server-only'

import { cookies } from 'next/headers'
import { z } from 'zod'
import { paths, withQuery } from '#lib/paths.ts'
import { authQuery, authQueryOne } from './auth-query.ts'
import { safeReturnPath } from './return-path.ts'
import { sealPath } from './seal-path.ts'
import type { SecondFactors } from './second-factors.ts'
import { sessionCookie } from './session-cookie.ts'
import { isSessionToken } from './session-token.ts'

/**
 * Locks this browser's session, for somebody who steps away from a shared workstation (45 CFR 164.310(b)). From the next access on
 * every door refuses it, in every tab, until the same person shows a second factor; it still ends by itself when it is not used.
 * @param path the page to come back to
 * @returns where the browser goes now; nothing of a record is on that page
 */
export async function lockSession(path: string | null): Promise<string> {
  const token = (await cookies()).get(sessionCookie)?.value
  if (!isSessionToken(token)) return paths.signIn
  await authQuery(z.object({ done: z.boolean() }), 'SELECT app.session_lock($1) AS done', [token])
  return lockedAddress(path)
}

/** The page of a locked session; the page that it covers travels sealed, not readable. */
export async function lockedAddress(path: string | null): Promise<string> {
  const safe = safeReturnPath(path)
  return withQuery(paths.locked, { to: safe === null ? null : await sealPath(safe) })
}

/** A session that is locked, as the page in front of it may know it. */
export type LockedSession = {
  token: string
  accountId: string
  /** staff are named, so that the next one at a shared workstation knows whose screen it is; patients never */
  displayName: string
  opensWith: SecondFactors
}

/** This browser's locked session; null when it is not locked, or over. */
export async function readLockedSession(): Promise<LockedSession | null> {
  const token = (await cookies()).get(sessionCookie)?.value
  if (!isSessionToken(token)) return null
  const [row] = await authQuery(locked, 'SELECT * FROM app.session_locked($1)', [token])
  if (!row) return null
  return {
    token,
    accountId: row.account_id,
    displayName: row.display_name ?? '',
    opensWith: { code: row.has_code, passkey: row.has_passkey },
  }
}

/** Counts a factor that did not open it. @returns how many tries are left before the session ends */
export async function countUnlockFailure(token: string): Promise<number> {
  const row = await authQueryOne(
    z.object({ left: z.int() }),
    'SELECT app.session_unlock_failed($1) AS left',
    [token],
  )
  return row.left
}

const locked = z.object({
  account_id: z.uuid(),
  display_name: z.string().nullable(),
  has_code: z.boolean(),
  has_passkey: z.boolean(),
})
