import { CryptoError } from './crypto-error.ts'

/*
 * phi1.<8 hex key version>.<base64url( type 1 ‖ nonce 12 ‖ ciphertext n ‖ tag 16 )>
 * `phi1` fixes algorithm (AES-256-GCM) and layout. The version stands in clear, so that SQL can count
 * what a rotation still has to do: substr(cell, 6, 8). It is authenticated all the same.
 */
export const cellPrefix = 'phi1.'
const headerLength = 14
export const nonceLength = 12
export const tagLength = 16
export const typeLength = 1
const shortestBody = typeLength + nonceLength + 1 + tagLength

/** Writes version and body as a cell's text. */
export function formatCell(version: number, body: Buffer): string {
  return cellPrefix + version.toString(16).padStart(8, '0') + '.' + body.toString('base64url')
}

/** Whether a text claims to be a cell. It may still be broken: only opening it tells. */
export function looksSealed(text: string): boolean {
  return text.startsWith(cellPrefix)
}

/**
 * The key version a cell names, without opening it.
 * @throws CryptoError FORMAT
 */
export function cellVersion(text: string, place: string): number {
  if (!text.startsWith(cellPrefix) || text.charCodeAt(13) !== 46 /* . */) throw malformed(place)
  let version = 0
  for (let at = 5; at < 13; at += 1) {
    const code = text.charCodeAt(at)
    // 0-9 and a-f only: upper case would be a second spelling of the same cell.
    const digit = code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 102 ? code - 87 : -1
    if (digit < 0) throw malformed(place)
    version = version * 16 + digit
  }
  return version
}

/**
 * Decodes a cell's body. Strict: one value has one spelling, so padding, line breaks, the `+/` alphabet
 * and loose trailing bits are refused (Node's own decoder lets all of them pass).
 * @throws CryptoError FORMAT
 */
export function cellBody(text: string, place: string): Buffer {
  const encoded = text.slice(headerLength)
  const body = Buffer.from(encoded, 'base64url')
  if (body.length < shortestBody || body.toString('base64url') !== encoded) throw malformed(place)
  return body
}

function malformed(place: string): CryptoError {
  return new CryptoError('FORMAT', place, 'not a well-formed phi1 cell')
}
