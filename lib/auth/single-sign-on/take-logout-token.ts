import 'server-only'

import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { env } from '#lib/env.ts'
import { NotConfigured, RecordUnavailable } from '#lib/errors.ts'
import type { SingleSignOnSettings } from '#lib/parse-single-sign-on.ts'
import { authQuery, authQueryOne } from '#lib/auth/auth-query.ts'
import type { Client } from '#lib/auth/client.ts'
import { providerHash } from './provider-claims.ts'
import { providerMetadata } from './provider-metadata.ts'

export type LogoutOutcome = { kind: 'ended'; sessions: number } | { kind: 'refused' }

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'
const claimsShape = z
  .object({
    sub: z.string().min(1).max(255).optional(),
    sid: z.string().min(1).max(1000).optional(),
    jti: z.string().min(1).max(1000),
    // The event's member is an object; what stands in it is nobody's business (§2.4).
    events: z.looseObject({ [logoutEvent]: z.record(z.string(), z.unknown()) }),
    // An ID token has one: it must not pass for a logout token.
    nonce: z.undefined().optional(),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined)

/** A token is read within so many seconds of being made, and not after it ran out. */
const ageMax = 120

/**
 * Takes a logout token that the provider sent, and ends the sessions it names. Each is good once.
 * @throws NotConfigured without a provider; RecordUnavailable when its keys or the database cannot be asked
 * @see OpenID Connect Back-Channel Logout 1.0 §2.4, §2.6; OWASP ASVS 5.0 10.5.5
 */
export async function takeLogoutToken(token: string, client: Client): Promise<LogoutOutcome> {
  const settings = env.singleSignOn
  if (settings === undefined) throw new NotConfigured('OIDC_ISSUER is missing.')
  const claims = await verified(token, settings)
  if (typeof claims === 'string') {
    await authQuery(z.object({}), 'SELECT app.logout_token_refused($1, $2)', [claims, client.ip])
    return { kind: 'refused' }
  }
  const row = await authQueryOne(
    z.object({ sessions: z.int().nullable() }),
    'SELECT app.federation_logout($1, $2, $3, $4, $5) AS sessions',
    [
      settings.issuer,
      claims.sub === undefined ? null : providerHash(claims.sub),
      claims.sid === undefined ? null : providerHash(claims.sid),
      providerHash(claims.jti),
      client.ip,
    ],
  )
  return row.sessions === null ? { kind: 'refused' } : { kind: 'ended', sessions: row.sessions }
}

/** The claims, or in one word why they are not believed. */
async function verified(
  token: string,
  settings: SingleSignOnSettings,
): Promise<z.infer<typeof claimsShape> | 'signature' | 'claims' | 'type'> {
  const { jwks_uri: address } = await providerMetadata(settings)
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keysAt(address), {
      issuer: settings.issuer,
      audience: settings.clientId,
      algorithms: [settings.algorithm],
      requiredClaims: ['iat', 'exp', 'jti', 'events'],
      maxTokenAge: ageMax,
      clockTolerance: 10,
    })
    const type = (protectedHeader.typ ?? 'jwt').toLowerCase().replace(/^application\//, '')
    // Providers from before the type had a name leave it out or write JWT (§2.4); any other kind of token says what it is.
    if (type !== 'logout+jwt' && (settings.isLogoutTyped || type !== 'jwt')) return 'type'
    const parsed = claimsShape.safeParse(payload)
    return parsed.success ? parsed.data : 'claims'
  } catch (cause) {
    const isOutage =
      cause instanceof errors.JOSEError && ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT'].includes(cause.code)
    if (isOutage || !(cause instanceof errors.JOSEError))
      throw new RecordUnavailable('the keys of the identity provider could not be read', { cause })
    return cause instanceof errors.JWTClaimValidationFailed || cause instanceof errors.JWTExpired
      ? 'claims'
      : 'signature'
  }
}

let keys: { address: string; get: JWTVerifyGetKey } | undefined

function keysAt(address: string): JWTVerifyGetKey {
  if (keys?.address !== address)
    keys = { address, get: createRemoteJWKSet(new URL(address), { timeoutDuration: 5000 }) }
  return keys.get
}
