import 'server-only'

import { env } from '#lib/env.ts'

/** Whether people reach Vigil over https; then every cookie is Secure. */
export const isHttps = env.url.startsWith('https:')

/**
 * A cookie's name. Under https it carries the prefix that makes browsers insist on Secure, no Domain and the path /,
 * so that no neighbouring host can plant one (RFC 6265bis §4.1.3.2; ASVS 5.0 3.3.1).
 */
export function cookieName(name: string): string {
  return isHttps ? `__Host-vigil-${name}` : `vigil-${name}`
}

/** What all cookies of Vigil have in common: scripts cannot read them, other sites cannot send them along with a POST. */
export const cookieOptions = { httpOnly: true, secure: isHttps, sameSite: 'lax', path: '/' } as const

/** Holds the opaque session token and nothing else. */
export const sessionCookie = cookieName('session')
