import 'server-only'

import { z } from 'zod'
import { authQueryOne } from './auth-query.ts'
import type { Client } from './client.ts'
import { newSessionToken, sessionTokenHash } from './session-token.ts'

/** How the second factor was shown. */
export type SignInMethod = 'totp' | 'recovery-code' | 'enrolment' | 'passkey'

/**
 * Opens a session for somebody who has shown both factors. The token is new each time, so a token that was planted
 * before signing in is worth nothing after it (ASVS 5.0 7.2.4).
 * @returns the token, for the cookie; the database holds only its hash
 */
export async function openSession(accountId: string, method: SignInMethod, client: Client): Promise<string> {
  const token = newSessionToken()
  await authQueryOne(z.object({ id: z.uuid() }), 'SELECT app.session_open($1, $2, $3, $4, $5) AS id', [
    accountId,
    sessionTokenHash(token),
    method,
    client.ip,
    client.userAgent,
  ])
  return token
}
