import { createHmac } from 'node:crypto'

import { deriveKey } from './derive-key.ts'
import { lengthPrefixed } from './length-prefixed.ts'
import type { SecretKey } from './secret-key.ts'

/**
 * A stable stand-in for an id, for places that must not hold the id itself (the `app` schema's view of a patient,
 * detectors, exports). Different scopes give unrelated pseudonyms of the same id.
 * @returns 22 characters of base64url (128 bits)
 */
export function pseudonym(identity: SecretKey, scope: string, id: string): string {
  const mac = createHmac('sha256', deriveKey(identity, 'pseudonym', scope))
    .update(lengthPrefixed(id))
    .digest()
  return mac.subarray(0, 16).toString('base64url')
}
