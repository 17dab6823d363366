import 'server-only'

import { z } from 'zod'
import { authQueryOne } from '#lib/auth/auth-query.ts'
import type { Client } from '#lib/auth/client.ts'
import type { SignInMethod } from '#lib/auth/open-session.ts'
import { newSessionToken, sessionTokenHash } from '#lib/auth/session-token.ts'
import { providerHash } from './provider-claims.ts'

/**
 * Opens a session that the provider's word is behind: it ends with the provider's session too.
 * @param ticket of signInWithProvider; good once, for five minutes
 * @param method `oidc` when the provider asked for a second factor, else how ours was shown
 * @throws RecordUnavailable when the ticket is not good any more
 */
export async function openFederatedSession(
  ticket: string,
  method: SignInMethod | 'oidc',
  client: Client,
): Promise<string> {
  const token = newSessionToken()
  await authQueryOne(
    z.object({ id: z.uuid() }),
    'SELECT app.federated_session_open($1, $2, $3, $4, $5) AS id',
    [providerHash(ticket), sessionTokenHash(token), method, client.ip, client.userAgent],
  )
  return token
}

/** Whether somebody may open a session only with the provider's word; the database asks the same at every new session. */
export async function mustUseProvider(accountId: string): Promise<boolean> {
  const row = await authQueryOne(
    z.object({ must: z.boolean() }),
    'SELECT app.must_use_provider($1) AS must',
    [accountId],
  )
  return row.must
}
