import 'server-only'

import { hkdfSync } from 'node:crypto'
import { env } from '#lib/env.ts'
import { NotConfigured } from '#lib/errors.ts'

/**
 * A key for one use of the session secret (RFC 5869), so that what next-auth signs can never be read as something that
 * iron-session sealed.
 * @returns 43 characters of base64url
 * @throws NotConfigured without SESSION_SECRET
 */
export function sessionSecret(use: 'sealed-state' | 'next-auth'): string {
  if (env.sessionSecret === undefined)
    throw new NotConfigured(
      'SESSION_SECRET is missing: start Vigil with "npm start", which makes one, or set it.',
    )
  return Buffer.from(hkdfSync('sha256', env.sessionSecret, '', `vigil ${use}`, 32)).toString('base64url')
}
