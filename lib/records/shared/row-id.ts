import 'server-only'

import { createHash } from 'node:crypto'

/**
 * The id of a row that is written with a form's idempotency key: always the same for the same key and part, and as
 * little to be guessed as the key, which is random (UUIDv4, 122 bits). Shaped as a UUIDv4.
 */
export function rowIdFor(key: string, part: string): string {
  const bytes = createHash('sha256').update(`vigil row id\u0000${key}\u0000${part}`).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
