import 'server-only'

import { decode } from 'next-auth/jwt'
import { env } from '#lib/env.ts'
import { NotConfigured } from '#lib/errors.ts'
import { runNextAuth } from '#lib/auth/run-next-auth.ts'
import { sessionSecrets } from '#lib/auth/session-secret.ts'
import { providerMetadata } from './provider-metadata.ts'
import { callbackSegments, checkCookies, providerOptions } from './provider-options.ts'

/** Why an answer was not taken, in one word for the log. */
export type AnswerFault =
  /** the provider says no: cancelled, or not allowed to use Vigil */
  | 'declined'
  /** not for this browser, not signed by the provider, too old, or answered before */
  | 'answer'
  /** the provider did not give the token */
  | 'unavailable'

export type ProviderAnswer =
  { kind: 'claims'; claims: Record<string, unknown> } | { kind: 'refused'; fault: AnswerFault }

/**
 * Reads what the provider sent a browser back with: fetches the ID token for the code and checks it.
 * @param query of the address that the browser came back to
 * @param cookies all that the browser sent
 * @throws NotConfigured without a provider; RecordUnavailable when it does not answer
 */
export async function readProviderAnswer(
  query: Record<string, string>,
  cookies: Record<string, string>,
): Promise<ProviderAnswer> {
  const settings = env.singleSignOn
  if (settings === undefined) throw new NotConfigured('OIDC_ISSUER is missing.')
  if (query['error'] !== undefined) return { kind: 'refused', fault: 'declined' }
  const metadata = await providerMetadata(settings)
  // An answer of another provider that this browser was led into (RFC 9207 §2.4).
  const mustName = metadata.authorization_response_iss_parameter_supported
  if (query['iss'] === undefined ? mustName : query['iss'] !== settings.issuer)
    return { kind: 'refused', fault: 'answer' }
  const found: { claims?: Record<string, unknown>; fault?: unknown } = {}
  await runNextAuth(
    { method: 'GET', segments: callbackSegments, cookies, query },
    providerOptions({
      settings,
      metadata,
      secret: await secretOf(cookies),
      onClaims: (claims) => {
        found.claims = claims
      },
      onFault: (cause) => {
        found.fault = cause
      },
    }),
  )
  if (found.claims !== undefined) return { kind: 'claims', claims: found.claims }
  return { kind: 'refused', fault: isOutage(found.fault) ? 'unavailable' : 'answer' }
}

/** The secret that the browser's cookies were sealed with; the present one when none opens them. */
async function secretOf(cookies: Record<string, string>): Promise<string> {
  const secrets = sessionSecrets('single-sign-on')
  for (const secret of secrets) {
    const opened = await decode({
      token: cookies[checkCookies.state] ?? '',
      secret,
      salt: checkCookies.state,
    }).catch(() => null)
    if (opened !== null) return secret
  }
  return secrets[0] ?? ''
}

/** Whether the provider could not be reached, rather than having said something wrong. */
function isOutage(fault: unknown): boolean {
  if (!(fault instanceof Error)) return false
  return 'code' in fault || 'errors' in fault || fault.message.includes('timed out')
}
