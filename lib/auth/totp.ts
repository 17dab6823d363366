import 'server-only'

import { Secret, TOTP } from 'otpauth'
import { clinic } from '#lib/clinic.ts'

/** What every authenticator app understands: RFC 6238 with SHA-1, six digits, 30 seconds. */
const shape = { algorithm: 'SHA1', digits: 6, period: 30 } as const
const periodMilliseconds = shape.period * 1000

/** One step before and one after the present one: a code lives for 30 s on each side (RFC 6238 §5.2, §6). */
const window = 1

/** A new secret of 160 bits, as long as the hash (RFC 4226 §4 R6), in base 32. */
export function newTotpSecret(): string {
  return new Secret({ size: 20 }).base32
}

/**
 * The time step that a code belongs to, if it is one of the three that count at this instant; otherwise null.
 * A step may be used once: the caller hands it to app.totp_accept, which refuses it the second time.
 * @param code what the person typed; blanks between the digits are fine
 * @param atMilliseconds the instant, since 1970
 */
export function totpStep(secret: string, code: string, atMilliseconds: number): number | null {
  const token = code.replace(/[\s-]/g, '')
  if (!/^[0-9]{6}$/.test(token)) return null
  const delta = TOTP.validate({
    ...shape,
    secret: Secret.fromBase32(secret),
    token,
    timestamp: atMilliseconds,
    window,
  })
  return delta === null ? null : Math.floor(atMilliseconds / periodMilliseconds) + delta
}

/** The code of an instant: for the demo's `vigil demo code` and for tests. */
export function totpCode(secret: string, atMilliseconds: number): string {
  return TOTP.generate({ ...shape, secret: Secret.fromBase32(secret), timestamp: atMilliseconds })
}

/** How many whole steps a span of time is: turns a step of one clock into a step of another. */
export function totpStepsIn(milliseconds: number): number {
  return Math.round(milliseconds / periodMilliseconds)
}

/**
 * The address inside the QR code, by which an app learns the secret.
 * @param label how the app lists it: the person's own e-mail address or name
 */
export function totpUri(secret: string, label: string): string {
  return new TOTP({ ...shape, issuer: clinic.name, label, secret: Secret.fromBase32(secret) }).toString()
}

/** The secret for typing by hand: groups of four. */
export function totpKeyGroups(secret: string): string[] {
  return secret.match(/.{1,4}/g) ?? []
}
