import 'server-only'

import { hkdfSync } from 'node:crypto'
import { statSync } from 'node:fs'
import { nowMilliseconds } from '#lib/clock.ts'
import { env } from '#lib/env.ts'
import { NotConfigured } from '#lib/errors.ts'
import { formerSecretSeconds, readSecretLines } from '#lib/secret-file.ts'

/** What a key is for. Keys for different uses have nothing to do with each other. */
type SecretUse = 'next-auth' | 'single-sign-on' | 'limits' | `sealed ${string}`

/**
 * A key for one use of the session secret (RFC 5869), so that what was sealed as one thing can never be read as
 * another: a remembered page names an account too, and must not pass for a password that was shown.
 * @returns 43 characters of base64url
 * @throws NotConfigured without SESSION_SECRET
 */
export function sessionSecret(use: SecretUse): string {
  const [secret = ''] = sessionSecrets(use)
  return secret
}

/**
 * The same with the key of the former secret behind it, for a while after a change: what was sealed with that one still
 * opens. New things are sealed with the first.
 * @throws NotConfigured without SESSION_SECRET
 */
export function sessionSecrets(use: SecretUse): string[] {
  return acceptedSecrets().map((secret) =>
    Buffer.from(hkdfSync('sha256', secret, '', `vigil ${use}`, 32)).toString('base64url'),
  )
}

function acceptedSecrets(): string[] {
  if (env.sessionSecret !== undefined) return [env.sessionSecret]
  if (env.sessionSecretFile === undefined)
    throw new NotConfigured(
      'SESSION_SECRET is missing: start Vigil with "npm start", which makes one, or set it.',
    )
  try {
    const lines = readSecretLines(env.sessionSecretFile)
    const age = nowMilliseconds() - statSync(env.sessionSecretFile).mtimeMs
    if (lines.length > 0) return age > formerSecretSeconds * 1000 ? lines.slice(0, 1) : lines
  } catch (cause) {
    throw new NotConfigured('SESSION_SECRET_FILE cannot be read: check its path and who may read it.', {
      cause,
    })
  }
  throw new NotConfigured('SESSION_SECRET_FILE is empty: put a random secret into it.')
}
