import 'server-only'

import { z } from 'zod'
import { nowMilliseconds } from '#lib/clock.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import { isProviderAddress, type SingleSignOnSettings } from '#lib/parse-single-sign-on.ts'

const address = z.string().max(2000).refine(isProviderAddress)
const metadata = z.object({
  issuer: z.string(),
  authorization_endpoint: address,
  token_endpoint: address,
  jwks_uri: address,
  authorization_response_iss_parameter_supported: z.boolean().default(false),
})

export type ProviderMetadata = z.infer<typeof metadata>

/** how old an answer may be that is still used (milliseconds) */
const keptMilliseconds = { start: 1000, later: 10 * 60_000 } as const
const patienceMilliseconds = 5000
const bytesMax = 200_000
let kept: { at: number; metadata: ProviderMetadata } | undefined

/**
 * What the provider says of itself. Whoever begins to sign in finds out whether it is there at all; what comes later uses what it said
 * in the last ten minutes. The issuer is pinned: a document that names another one, be
 * it by a slash, is refused, and so is any address without TLS beyond this machine. Redirects are not followed.
 * @throws RecordUnavailable when the provider does not answer, or not as it should
 * @see OpenID Connect Discovery 1.0 §4.3; RFC 9207; OWASP ASVS 5.0 10.5.3
 */
export async function providerMetadata(
  settings: SingleSignOnSettings,
  when: keyof typeof keptMilliseconds = 'later',
): Promise<ProviderMetadata> {
  const now = nowMilliseconds()
  if (
    kept !== undefined &&
    kept.metadata.issuer === settings.issuer &&
    now - kept.at < keptMilliseconds[when]
  )
    return kept.metadata
  try {
    const response = await fetch(`${settings.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMilliseconds),
      headers: { accept: 'application/json' },
    })
    if (!response.ok) throw new Error(`status ${response.status}`)
    const text = await response.text()
    if (text.length > bytesMax) throw new Error('too long')
    const found = metadata.parse(JSON.parse(text))
    if (found.issuer !== settings.issuer) throw new Error('another issuer')
    kept = { at: now, metadata: found }
    return found
  } catch (cause) {
    throw new RecordUnavailable('the identity provider did not say what it is', { cause })
  }
}
