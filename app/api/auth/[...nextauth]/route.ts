import { cookies } from 'next/headers'
import { askNextAuth } from '#lib/auth/next-auth.ts'
import { readSmallForm } from '#lib/auth/read-small-form.ts'
import { isSameOrigin } from '#lib/auth/same-origin.ts'
import type { AuthRequest } from '#lib/auth/run-next-auth.ts'
import { seeOther } from '#lib/auth/see-other.ts'
import { finishSingleSignOn } from '#lib/auth/single-sign-on/finish-single-sign-on.ts'
import { hasSingleSignOn } from '#lib/auth/single-sign-on/has-single-sign-on.ts'
import { env } from '#lib/env.ts'

type Context = { params: Promise<{ nextauth: string[] }> }

/**
 * Of next-auth's many addresses Vigil answers three: the token against forged forms, the second step of signing in, and where the
 * identity provider sends people back to.
 */
export async function GET(request: Request, context: Context): Promise<Response> {
  const segments = (await context.params).nextauth
  if (segments.join('/') === 'callback/oidc' && hasSingleSignOn())
    return seeOther(await finishSingleSignOn(Object.fromEntries(new URL(request.url).searchParams)))
  if (segments.join('/') !== 'csrf') return new Response(null, { status: 404 })
  return ask({ method: 'GET', segments })
}

/** The second step over plain HTTP; the page's own action takes the same way inside. */
export async function POST(request: Request, context: Context): Promise<Response> {
  const segments = (await context.params).nextauth
  if (segments.join('/') !== 'callback/second-factor') return new Response(null, { status: 404 })
  if (!isSameOrigin(request)) return new Response(null, { status: 403 })
  const form = await readSmallForm(request)
  if (form === null) return new Response(null, { status: 413 })
  const answer = await ask({ method: 'POST', segments, body: Object.fromEntries(form) })
  const location = new URL(answer.headers.get('location') ?? '/', env.url)
  const error = location.searchParams.get('error')
  if (error !== null) return Response.json({ error }, { status: 401 })
  if (location.searchParams.has('csrf')) return new Response(null, { status: 403 })
  // next-auth answers 302 with an address of its own making; the way on is ours.
  answer.headers.set('location', '/')
  return new Response(null, { status: 303, headers: answer.headers })
}

async function ask(request: Omit<AuthRequest, 'cookies'>): Promise<Response> {
  const sent = (await cookies()).getAll().map(({ name, value }) => [name, value])
  return askNextAuth({ ...request, cookies: Object.fromEntries(sent) })
}
