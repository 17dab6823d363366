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

/** A cell's body, taken apart. Views into a shared buffer: good until the next call, which is why they go no further than openCell. */
export type CellBody = {
  readonly bytes: Buffer
  readonly nonce: Buffer
  readonly sealed: Buffer
  readonly tag: Buffer
}

/* Making a Buffer or a view costs as much as decrypting a short value, so both are made once for each length. */
const scratch = Buffer.allocUnsafeSlow(4096)
const longestInScratch = Math.floor(scratch.length / 3) * 4
const viewsByLength = new Map<number, CellBody>()

/** Base64url (RFC 4648 §5) in its one canonical spelling: no padding, and zeros in the bits that the last character has left. */
const canonical = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/

/**
 * Decodes a cell's body. Strict: one value has one spelling, so padding, line breaks, the `+/` alphabet
 * and loose trailing bits are refused (Node's own decoder lets all of them pass).
 * @throws CryptoError FORMAT
 */
export function cellBody(text: string, place: string): CellBody {
  const encoded = text.slice(headerLength)
  if (encoded.length > longestInScratch) return longBody(encoded, place)
  if (!canonical.test(encoded)) throw malformed(place)
  const length = scratch.write(encoded, 0, 'base64url')
  if (length < shortestBody) throw malformed(place)
  const known = viewsByLength.get(length)
  if (known) return known
  const views = takeApart(scratch.subarray(0, length))
  viewsByLength.set(length, views)
  return views
}

/* A regular expression may run out of stack on a text of megabytes; encoding it again asks the same question. */
function longBody(encoded: string, place: string): CellBody {
  const bytes = Buffer.from(encoded, 'base64url')
  if (bytes.toString('base64url') !== encoded) throw malformed(place)
  return takeApart(bytes)
}

function takeApart(bytes: Buffer): CellBody {
  const tagAt = bytes.length - tagLength
  const sealedAt = typeLength + nonceLength
  return {
    bytes,
    nonce: bytes.subarray(typeLength, sealedAt),
    sealed: bytes.subarray(sealedAt, tagAt),
    tag: bytes.subarray(tagAt),
  }
}

function malformed(place: string): CryptoError {
  return new CryptoError('FORMAT', place, 'not a well-formed phi1 cell')
}
