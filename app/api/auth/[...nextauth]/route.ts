import type { NextRequest } from 'next/server'
import { handleWithNextAuth } from '#lib/auth/next-auth.ts'
import { readSmallForm } from '#lib/auth/read-small-form.ts'
import { isSameOrigin } from '#lib/auth/same-origin.ts'
import { NextRequest as NewRequest } from 'next/server'

type Context = { params: Promise<{ nextauth: string[] }> }

/** Of next-auth's many addresses Vigil answers two: the token against forged forms, and the second step of signing in. */
export async function GET(request: NextRequest, context: Context): Promise<Response> {
  const { nextauth } = await context.params
  if (nextauth.join('/') !== 'csrf') return new Response(null, { status: 404 })
  return handleWithNextAuth(request, nextauth)
}

/** The second step, for browsers without scripts and for tests; the page's own action takes the same way inside. */
export async function POST(request: NextRequest, context: Context): Promise<Response> {
  const { nextauth } = await context.params
  if (nextauth.join('/') !== 'callback/second-factor') return new Response(null, { status: 404 })
  if (!isSameOrigin(request)) return new Response(null, { status: 403 })
  const form = await readSmallForm(request)
  if (form === null) return new Response(null, { status: 413 })
  return handleWithNextAuth(
    new NewRequest(request.url, { method: 'POST', headers: request.headers, body: form }),
    nextauth,
  )
}
