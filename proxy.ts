import { randomBytes } from 'node:crypto'
import { NextResponse, type NextRequest } from 'next/server'
import { isSameOrigin } from '#lib/auth/same-origin.ts'
import { env, isDevelopment } from '#lib/env.ts'
import {
  contentSecurityPolicy,
  isInternalHeader,
  securityHeaders,
  type HeaderSettings,
} from '#lib/security-headers.ts'

const https = env.url.startsWith('https:')

/**
 * Whether a browser says that another site sends this to change something. Next refuses its actions then too, but with an answer that
 * looks as if the server had failed.
 */
function isForeignPost(request: NextRequest): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return false
  const says = request.headers.has('origin') || request.headers.has('sec-fetch-site')
  return says && !isSameOrigin(request)
}

/** Nothing that people send here is larger: the longest note is a tenth of it. Next would answer with 500. */
const bodyBytesMax = 1_000_000

/** Whether a request brings more than any form of ours, or does not say how much. */
function isTooLarge(request: NextRequest): boolean {
  return (
    Number(request.headers.get('content-length') ?? 0) > bodyBytesMax ||
    request.headers.has('transfer-encoding')
  )
}

/**
 * Sets headers and decides nothing about records: who may see what is settled by requireActor in the page and by the door in the
 * database, so that getting around this function (CVE-2025-29927 and its kin) gains nobody anything.
 */
export function proxy(request: NextRequest): NextResponse {
  const settings: HeaderSettings = {
    nonce: randomBytes(18).toString('base64'),
    https,
    development: isDevelopment,
  }
  if (isForeignPost(request)) return new NextResponse(null, { status: 403, headers: headersOf(settings) })
  if (isTooLarge(request)) return new NextResponse(null, { status: 413, headers: headersOf(settings) })
  const headers = new Headers(request.headers)
  for (const name of request.headers.keys()) if (isInternalHeader(name)) headers.delete(name)
  // next puts the nonce of this policy on the scripts and styles that it writes.
  headers.set('Content-Security-Policy', contentSecurityPolicy(settings))
  headers.set('x-vigil-path', request.nextUrl.pathname + request.nextUrl.search)
  const response = NextResponse.next({ request: { headers } })
  for (const [name, value] of Object.entries(headersOf(settings))) response.headers.set(name, value)
  return response
}

/** Neither a browser's disk nor a shared cache keeps a page (ASVS 14.3.2). */
function headersOf(settings: HeaderSettings): Record<string, string> {
  return { ...securityHeaders(settings), 'Cache-Control': 'no-store' }
}

/** Everything but the build's own files: they are public, have a hash for a name, and get their headers in next.config.mjs. */
export const config = { matcher: ['/((?!_next/static/).*)'] }
