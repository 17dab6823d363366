import 'server-only'

import { z } from 'zod'
import { env } from '#lib/env.ts'
import { NotConfigured, RecordUnavailable } from '#lib/errors.ts'
import { runNextAuth } from '#lib/auth/run-next-auth.ts'
import { sessionSecret } from '#lib/auth/session-secret.ts'
import { checkCookies, providerOptions } from './provider-options.ts'
import { providerMetadata } from './provider-metadata.ts'

/** How long ago somebody may have signed in at the provider: no longer than a session of staff lasts (seconds). */
export const providerAgeMax = 12 * 60 * 60

/**
 * Begins signing in through the provider.
 * @param again whether the person is to sign in there anew, although they may have done so a while ago: a fresh second factor
 * @returns the provider's address, and the cookies that bind the answer to this browser, as Set-Cookie lines
 * @throws NotConfigured without a provider; RecordUnavailable when it does not answer
 */
export async function startSingleSignOn(again: boolean): Promise<{ location: string; cookies: string[] }> {
  const settings = env.singleSignOn
  if (settings === undefined) throw new NotConfigured('OIDC_ISSUER is missing.')
  const options = providerOptions({
    settings,
    metadata: await providerMetadata(settings, 'start'),
    secret: sessionSecret('single-sign-on'),
    ask: {
      max_age: String(again ? 0 : providerAgeMax),
      ...(again && { prompt: 'login' }),
      ...(settings.mfaAcr.length > 0 && { acr_values: settings.mfaAcr.join(' ') }),
    },
  })
  const csrf = await runNextAuth({ method: 'GET', segments: ['csrf'], cookies: {} }, options)
  const { csrfToken } = z.object({ csrfToken: z.string() }).parse(await csrf.json())
  const [pair = ''] = csrf.headers.getSetCookie()[0]?.split(';') ?? []
  const at = pair.indexOf('=')
  const answer = await runNextAuth(
    {
      method: 'POST',
      segments: ['signin', 'oidc'],
      cookies: { [pair.slice(0, at)]: decodeURIComponent(pair.slice(at + 1)) },
      body: { csrfToken },
    },
    options,
  )
  const location = answer.headers.get('location') ?? ''
  const names = Object.values(checkCookies)
  const cookies = answer.headers
    .getSetCookie()
    .filter((line) => names.some((name) => line.startsWith(`${name}=`)))
  if (cookies.length !== names.length || new URL(location, env.url).origin === env.url)
    throw new RecordUnavailable('next-auth did not begin to sign in through the provider')
  return { location, cookies }
}
