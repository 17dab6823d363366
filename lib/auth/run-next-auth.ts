import 'server-only'

import { createHash } from 'node:crypto'
import NextAuth, { type AuthOptions } from 'next-auth'
import type { NextApiRequest, NextApiResponse } from 'next'
import { cookieName } from './session-cookie.ts'
import { sessionSecrets } from './session-secret.ts'

/** A request under /api/auth; what follows /api/auth/ comes apart, such as `callback`, `second-factor`. */
export type AuthRequest = {
  method: 'GET' | 'POST'
  segments: string[]
  cookies: Record<string, string>
  query?: Record<string, string>
  body?: Record<string, string>
}

/** The secret that a request's token against forged forms was made with; the present one for anything else. */
export function nextAuthSecretOf(cookies: AuthRequest['cookies']): string {
  const [token, hash] = cookies[cookieName('csrf')]?.split('|') ?? []
  const secrets = sessionSecrets('next-auth')
  // As next-auth makes it (core/lib/csrf-token.js).
  const madeWith = (secret: string) => createHash('sha256').update(`${token}${secret}`).digest('hex')
  return secrets.find((secret) => token !== undefined && madeWith(secret) === hash) ?? secrets[0] ?? ''
}

/** Runs next-auth with some options on a request and turns what it does to its response into a Response. */
export async function runNextAuth(
  { method, segments, cookies, query, body }: AuthRequest,
  options: AuthOptions,
): Promise<Response> {
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
  const request = { method, cookies, headers: {}, query: { ...query, nextauth: segments }, body: body ?? {} }
  // Only these members of Next's types are used (next-auth/next/index.js); the route handler form would read the
  // cookies of the surrounding request, which an action has changed meanwhile.
  await NextAuth(request as unknown as NextApiRequest, response as unknown as NextApiResponse, options)
  return new Response(text, { status, headers })
}
