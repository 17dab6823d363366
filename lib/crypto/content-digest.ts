import { createHmac } from 'node:crypto'

import { canonicalJson } from './canonical-json.ts'
import { deriveKey } from './derive-key.ts'
import { lengthPrefixed } from './length-prefixed.ts'
import type { SecretKey } from './secret-key.ts'

/**
 * Tells whether a record's content has changed without reading it: HMAC-SHA-256 over its canonical JSON (RFC 8785).
 * `context` (the record's id) makes equal contents of two records look unrelated.
 * @returns 32 bytes
 * @throws CryptoError VALUE when the content is not plain JSON
 */
export function contentDigest(
  identity: SecretKey,
  context: string,
  content: unknown,
): Uint8Array<ArrayBuffer> {
  const mac = createHmac('sha256', deriveKey(identity, 'content-digest'))
    .update(lengthPrefixed(context, canonicalJson(content)))
    .digest()
  return new Uint8Array(mac)
}
