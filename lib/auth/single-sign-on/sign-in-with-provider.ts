import 'server-only'

import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { env } from '#lib/env.ts'
import { NotConfigured } from '#lib/errors.ts'
import { emailTokens } from '#lib/auth/account-secrets.ts'
import { authQueryOne } from '#lib/auth/auth-query.ts'
import type { Client } from '#lib/auth/client.ts'
import { openFederatedSession } from './open-federated-session.ts'
import { providerHash, readClaims } from './provider-claims.ts'
import { providerAgeMax } from './start-single-sign-on.ts'

/** Why somebody whom the provider knows does not get in. */
export const providerRefusals = [
  'unknown',
  'local-only',
  'linked-to-another',
  'closed',
  'no-role',
  'no-factor',
  'last-administrator',
  'own-word',
  'too-long-ago',
  'no-subject',
] as const

export type ProviderSignIn =
  | { kind: 'signed-in'; accountId: string; token: string }
  /** the provider showed one factor: ours is asked for, and the ticket says that the provider's was there */
  | { kind: 'second-factor'; accountId: string; ticket: string }
  | { kind: 'refused'; why: (typeof providerRefusals)[number] }

const answer = z.object({
  outcome: z.enum([...providerRefusals, 'session', 'second-factor']),
  account_id: z.uuid().nullable(),
})

/**
 * Signs in whoever the provider's claims are about. The database decides who that is here and which role it gives.
 * @param claims of an ID token that was checked
 * @throws RecordUnavailable
 */
export async function signInWithProvider(
  claims: Record<string, unknown>,
  client: Client,
): Promise<ProviderSignIn> {
  const settings = env.singleSignOn
  if (settings === undefined) throw new NotConfigured('OIDC_ISSUER is missing.')
  const read = readClaims(claims, settings)
  if (read === null) return refuse('no-subject', client)
  // What was asked for by max_age (OIDC Core §3.1.2.1), and half a minute of clocks that differ.
  if (read.ageSeconds !== null && read.ageSeconds > providerAgeMax + 30) return refuse('too-long-ago', client)
  const ticket = randomBytes(32).toString('base64url')
  const row = await authQueryOne(
    answer,
    'SELECT * FROM app.federation_sign_in($1, $2, $3, $4, $5, $6, $7, $8, $9)',
    [
      settings.issuer,
      read.subjectHash,
      read.verifiedEmail === null ? null : await emailTokens(read.verifiedEmail),
      read.roleWords,
      read.isMultiFactor,
      read.ageSeconds,
      read.sidHash,
      providerHash(ticket),
      client.ip,
    ],
  )
  const { outcome, account_id: accountId } = row
  if (outcome === 'session' && accountId !== null)
    return { kind: 'signed-in', accountId, token: await openFederatedSession(ticket, 'oidc', client) }
  if (outcome === 'second-factor' && accountId !== null) return { kind: 'second-factor', accountId, ticket }
  return { kind: 'refused', why: outcome === 'session' || outcome === 'second-factor' ? 'unknown' : outcome }
}

async function refuse(why: (typeof providerRefusals)[number], client: Client): Promise<ProviderSignIn> {
  await noteRefusedAnswer(why, client)
  return { kind: 'refused', why }
}

/** Writes down an answer that was refused before the database was asked who it is about. */
export async function noteRefusedAnswer(why: string, client: Client): Promise<void> {
  await authQueryOne(z.object({}), 'SELECT app.federation_answer_refused($1, $2)', [why, client.ip])
}
