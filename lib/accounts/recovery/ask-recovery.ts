import 'server-only'

import { z } from 'zod'
import { emailTokens } from '#lib/auth/account-secrets.ts'
import { authQuery } from '#lib/auth/auth-query.ts'
import type { Client } from '#lib/auth/client.ts'
import { limitBrowser } from '#lib/auth/limit/limit-browser.ts'
import { env } from '#lib/env.ts'

/** Whether this Vigil has a way to send letters; where it has none, people are asked to call. */
export const lettersCanBeSent = env.smtp !== undefined || env.environment === 'demo'

export type RecoveryAsked = { kind: 'asked' } | { kind: 'wait'; seconds: number }

/**
 * Asks for a letter with a link for a new password. The same work, the same writes and the same answer whether there is such an
 * account or not, of whatever kind and standing: what becomes of it is decided when letters are written (ASVS 5.0 6.3.8).
 * @throws RecordUnavailable when the database does not answer
 */
export async function askRecovery(email: string, client: Client): Promise<RecoveryAsked> {
  const limit = await limitBrowser('recovery', client, email.trim().toLowerCase())
  if (limit.kind === 'wait') return limit
  const tokens = await emailTokens(email)
  await authQuery(z.object({}), 'SELECT app.recovery_ask($1, $2)', [tokens, client.ip])
  return { kind: 'asked' }
}
