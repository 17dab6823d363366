import { createHmac } from 'node:crypto'

import { deriveKey } from './derive-key.ts'
import { lengthPrefixed } from './length-prefixed.ts'
import type { SecretKey } from './secret-key.ts'

/**
 * The id of an imported record: the same source row always gets the same id, and nobody without the key can tell
 * which. 122 bits of HMAC-SHA-256 in the form of a version 4 UUID (RFC 9562 §5.4), so that it looks like any other.
 * @param source name or address of the system the record comes from
 * @param type resource type there, such as `Observation`
 * @param id the record's id there
 */
export function recordId(identity: SecretKey, source: string, type: string, id: string): string {
  const mac = createHmac('sha256', deriveKey(identity, 'record-id'))
    .update(lengthPrefixed(source, type, id))
    .digest()
  mac[6] = ((mac[6] ?? 0) & 0x0f) | 0x40
  mac[8] = ((mac[8] ?? 0) & 0x3f) | 0x80
  const hex = mac.toString('hex', 0, 16)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
