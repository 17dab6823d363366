import 'server-only'

import { createHash } from 'node:crypto'
import NextAuth, { type AuthOptions } from 'next-auth'
import Credentials from 'next-auth/providers/credentials'
import type { NextApiRequest, NextApiResponse } from 'next'
import { z } from 'zod'
import { env } from '#lib/env.ts'
import { VigilError } from '#lib/errors.ts'
import { log } from '#lib/log.ts'
import { thisClient } from './client.ts'
import { cookieName, cookieOptions, isHttps, sessionCookie } from './session-cookie.ts'
import { sessionSecrets } from './session-secret.ts'
import { signInWithSecondFactor } from './sign-in-with-second-factor.ts'

/** Longest life of any session (staff, 12 h). The session row decides; this only lets a forgotten cookie go. */
const longestSessionSeconds = 12 * 60 * 60

const csrfCookie = cookieName('csrf')

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
      csrfToken: { name: csrfCookie, options: cookieOptions },
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

/** A request under /api/auth; what follows /api/auth/ comes apart, such as `callback`, `second-factor`. */
export type AuthRequest = {
  method: 'GET' | 'POST'
  segments: string[]
  cookies: Record<string, string>
  body?: Record<string, string>
}

/** The secret that a request's token against forged forms was made with; the present one for anything else. */
function secretOf(cookies: AuthRequest['cookies']): string {
  const [token, hash] = cookies[csrfCookie]?.split('|') ?? []
  const secrets = sessionSecrets('next-auth')
  // As next-auth makes it (core/lib/csrf-token.js).
  const madeWith = (secret: string) => createHash('sha256').update(`${token}${secret}`).digest('hex')
  return secrets.find((secret) => token !== undefined && madeWith(secret) === hash) ?? secrets[0] ?? ''
}

/** Hands a request under /api/auth to next-auth and turns what it does to its response into a Response. */
export async function askNextAuth({ method, segments, cookies, body }: AuthRequest): Promise<Response> {
  const headers = new Headers()
  let status = 200
  let text: string | null = null
  const response = {
    status: (code: number) => {
      status = code
      return response
    },
    getHeader: (name: string) =>
      name.toLowerCase() === 'set-cookie' ? headers.getSetCookie() : headers.get(name),
    setHeader: (name: string, value: string | string[]) => {
      headers.delete(name)
      for (const each of [value].flat()) headers.append(name, each)
      return response
    },
    json: (value: unknown) => response.send(value),
    send: (value: unknown) => {
      text = typeof value === 'string' ? value : JSON.stringify(value)
    },
    end: () => undefined,
  }
  const request = { method, cookies, headers: {}, query: { nextauth: segments }, body: body ?? {} }
  // Only these members of Next's types are used (next-auth/next/index.js); the route handler form would read the
  // cookies of the surrounding request, which an action has changed meanwhile.
  await NextAuth(
    request as unknown as NextApiRequest,
    response as unknown as NextApiResponse,
    options(secretOf(cookies)),
  )
  return new Response(text, { status, headers })
}
