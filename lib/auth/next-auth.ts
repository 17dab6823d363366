import 'server-only'

import type { AuthOptions } from 'next-auth'
import Credentials from 'next-auth/providers/credentials'
import { z } from 'zod'
import { env } from '#lib/env.ts'
import { VigilError } from '#lib/errors.ts'
import { log } from '#lib/log.ts'
import { thisClient } from './client.ts'
import { type AuthRequest, nextAuthSecretOf, runNextAuth } from './run-next-auth.ts'
import { cookieName, cookieOptions, isHttps, sessionCookie } from './session-cookie.ts'
import { signInWithSecondFactor } from './sign-in-with-second-factor.ts'

/** Longest life of any session (staff, 12 h). The session row decides; this only lets a forgotten cookie go. */
const longestSessionSeconds = 12 * 60 * 60

const credentials = z.object({
  /** a passkey's answer is a page of JSON; a code is short */
  code: z.string().max(32_768),
  method: z.enum(['totp', 'recovery-code', 'enrolment', 'passkey', 'passkey-enrolment']),
})
const opaqueToken = z.object({ sessionToken: z.string() })

/**
 * next-auth as Vigil uses it: one credentials provider for the second step of signing in, which reads the first step's
 * result from the sealed cookie. What next-auth calls a JWT is an opaque token and nothing else: written once, never
 * read back, never renewed. app.session alone says what it is worth.
 */
function options(secret: string): AuthOptions {
  return {
    secret,
    useSecureCookies: isHttps,
    pages: { signIn: '/sign-in', error: '/second-factor' },
    session: { strategy: 'jwt', maxAge: longestSessionSeconds },
    cookies: {
      sessionToken: { name: sessionCookie, options: cookieOptions },
      csrfToken: { name: cookieName('csrf'), options: cookieOptions },
      callbackUrl: { name: cookieName('callback'), options: cookieOptions },
    },
    providers: [
      Credentials({
        id: 'second-factor',
        name: 'Second factor',
        credentials: { code: { label: 'One-time code' }, method: { label: 'Method' } },
        authorize: async (given) => authorize({ code: given?.code, method: given?.method }),
      }),
    ],
    callbacks: {
      jwt: ({ token, user }) => ({ ...token, ...user }),
      // Where to go on is decided after signing in, never by a parameter.
      redirect: () => env.url,
    },
    jwt: {
      encode: ({ token }) => opaqueToken.parse(token).sessionToken,
      decode: () => null,
    },
    logger: {
      error: () => log('request.failed', { place: 'auth.next-auth' }),
      warn: () => undefined,
      debug: () => undefined,
    },
  }
}

/** next-auth turns the text of an error into a query parameter, so it is a word from a short list, never a value. */
async function authorize(given: unknown): Promise<{ id: string; sessionToken: string }> {
  const parsed = credentials.safeParse(given)
  if (!parsed.success) throw new Error('wrong')
  const outcome = await signInWithSecondFactor(
    parsed.data.method,
    parsed.data.code,
    await thisClient(),
  ).catch((cause: unknown) => {
    log('request.failed', {
      place: 'auth.second-step',
      reference: cause instanceof VigilError ? cause.reference : undefined,
      errorName: cause instanceof Error ? cause.name : undefined,
    })
    throw new Error(cause instanceof VigilError ? `unavailable ${cause.reference}` : 'unavailable')
  })
  if (outcome.kind === 'wait') throw new Error(`wait ${outcome.seconds}`)
  if (outcome.kind !== 'signed-in') throw new Error(outcome.kind)
  return { id: outcome.accountId, sessionToken: outcome.token }
}

/** Hands a request under /api/auth to next-auth and turns what it does to its response into a Response. */
export const askNextAuth = (request: AuthRequest): Promise<Response> =>
  runNextAuth(request, options(nextAuthSecretOf(request.cookies)))
