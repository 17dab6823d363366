import { randomBytes } from 'node:crypto'
import { NextResponse, type NextRequest } from 'next/server'
import { env, isDevelopment } from '#lib/env.ts'
import {
  contentSecurityPolicy,
  isInternalHeader,
  securityHeaders,
  type HeaderSettings,
} from '#lib/security-headers.ts'

const https = env.url.startsWith('https:')

/**
 * Sets headers and decides nothing: who may see what is settled by requireActor in the page and by the door in the
 * database, so that getting around this function (CVE-2025-29927 and its kin) gains nobody anything.
 */
export function proxy(request: NextRequest): NextResponse {
  const settings: HeaderSettings = {
    nonce: randomBytes(18).toString('base64'),
    https,
    development: isDevelopment,
  }
  const headers = new Headers(request.headers)
  for (const name of request.headers.keys()) if (isInternalHeader(name)) headers.delete(name)
  // next puts the nonce of this policy on the scripts and styles that it writes.
  headers.set('Content-Security-Policy', contentSecurityPolicy(settings))
  headers.set('x-vigil-path', request.nextUrl.pathname + request.nextUrl.search)
  const response = NextResponse.next({ request: { headers } })
  for (const [name, value] of Object.entries(securityHeaders(settings))) response.headers.set(name, value)
  // Neither a browser's disk nor a shared cache keeps a page (ASVS 14.3.2).
  response.headers.set('Cache-Control', 'no-store')
  return response
}

/** Everything but the build's own files: they are public, have a hash for a name, and get their headers in next.config.mjs. */
export const config = { matcher: ['/((?!_next/static/).*)'] }
