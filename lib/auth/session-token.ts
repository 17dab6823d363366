import 'server-only'

import { createHash, randomBytes } from 'node:crypto'

/** A new session token: 256 random bits in base64url (ASVS 5.0 7.2.3 asks for 128). Only its hash is stored. */
export function newSessionToken(): string {
  return randomBytes(32).toString('base64url')
}

/** What app.session holds of a token: SHA-256 of its text. It is random, so a fast hash is enough. */
export function sessionTokenHash(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest()
}

/** Whether a cookie's value can be a token at all; anything else is not even asked for in the database. */
export function isSessionToken(value: string | undefined): value is string {
  return value !== undefined && /^[A-Za-z0-9_-]{43}$/.test(value)
}
