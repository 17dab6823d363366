import 'server-only'

import { hkdfSync } from 'node:crypto'
import { env } from '#lib/env.ts'
import { NotConfigured } from '#lib/errors.ts'

/**
 * A key for one use of the session secret (RFC 5869), so that what was sealed as one thing can never be read as
 * another: a remembered page names an account too, and must not pass for a password that was shown.
 * @returns 43 characters of base64url
 * @throws NotConfigured without SESSION_SECRET
 */
export function sessionSecret(use: 'next-auth' | `sealed ${string}`): string {
  if (env.sessionSecret === undefined)
    throw new NotConfigured(
      'SESSION_SECRET is missing: start Vigil with "npm start", which makes one, or set it.',
    )
  return Buffer.from(hkdfSync('sha256', env.sessionSecret, '', `vigil ${use}`, 32)).toString('base64url')
}
