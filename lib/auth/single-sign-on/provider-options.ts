import 'server-only'

import type { AuthOptions } from 'next-auth'
import { env } from '#lib/env.ts'
import { log } from '#lib/log.ts'
import type { SingleSignOnSettings } from '#lib/parse-single-sign-on.ts'
import { cookieName, cookieOptions, isHttps } from '#lib/auth/session-cookie.ts'
import type { ProviderMetadata } from './provider-metadata.ts'

/** Its last part is the provider's id for next-auth. */
export const callbackSegments = ['callback', 'oidc']

/** Where the provider sends people back to; to be registered there, and compared there letter by letter. */
export const redirectUri = `${env.url}/api/auth/${callbackSegments.join('/')}`

/** What is kept in the browser from leaving for the provider until coming back. */
export const checkCookies = {
  state: cookieName('sso-state'),
  pkceCodeVerifier: cookieName('sso-verifier'),
  nonce: cookieName('sso-nonce'),
} as const

export type ProviderRequest = {
  settings: SingleSignOnSettings
  metadata: ProviderMetadata
  secret: string
  /** what else the provider is asked for */
  ask?: Record<string, string>
  /** gets the claims of an ID token that has stood every check */
  onClaims?: (claims: Record<string, unknown>) => void
  onFault?: (cause: unknown) => void
}

/**
 * next-auth with the clinic's provider: authorisation code with PKCE, state and nonce, each bound to this browser by a sealed cookie. The
 * ID token's signature, algorithm, issuer, audience, nonce and times are checked by its openid-client. It opens no session and keeps no
 * token: what is left of an answer are claims.
 * @see OpenID Connect Core 1.0 §3.1.3.7; RFC 7636; RFC 9700
 */
export function providerOptions({
  settings,
  metadata,
  secret,
  ask = {},
  onClaims,
  onFault,
}: ProviderRequest): AuthOptions {
  return {
    secret,
    useSecureCookies: isHttps,
    pages: { signIn: '/sign-in', error: '/sign-in' },
    session: { strategy: 'jwt' },
    cookies: {
      sessionToken: { name: cookieName('sso-none'), options: cookieOptions },
      csrfToken: { name: cookieName('csrf'), options: cookieOptions },
      callbackUrl: { name: cookieName('callback'), options: cookieOptions },
      state: { name: checkCookies.state, options: cookieOptions },
      pkceCodeVerifier: { name: checkCookies.pkceCodeVerifier, options: cookieOptions },
      nonce: { name: checkCookies.nonce, options: cookieOptions },
    },
    providers: [
      {
        id: 'oidc',
        name: 'Identity provider',
        type: 'oauth',
        idToken: true,
        checks: ['pkce', 'state', 'nonce'],
        issuer: settings.issuer,
        clientId: settings.clientId,
        clientSecret: settings.clientSecret(),
        client: {
          redirect_uris: [redirectUri],
          response_types: ['code'],
          id_token_signed_response_alg: settings.algorithm,
        },
        authorization: {
          url: metadata.authorization_endpoint,
          params: { scope: settings.scope, redirect_uri: redirectUri, ...ask },
        },
        jwks_endpoint: metadata.jwks_uri,
        token: {
          url: metadata.token_endpoint,
          request: async ({ client, params, checks }) => {
            try {
              return { tokens: await client.callback(redirectUri, params, checks) }
            } catch (cause) {
              onFault?.(cause)
              throw cause
            }
          },
        },
        profile: (claims: Record<string, unknown>) => ({ id: String(claims['sub']) }),
      },
    ],
    callbacks: {
      signIn: ({ profile }) => {
        onClaims?.({ ...profile })
        return '/'
      },
      redirect: () => env.url,
    },
    logger: {
      error: () => log('request.failed', { place: 'auth.single-sign-on' }),
      warn: () => undefined,
      debug: () => undefined,
    },
  }
}
