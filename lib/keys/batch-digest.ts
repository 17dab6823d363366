import 'server-only'
import { createHash } from 'node:crypto'

import { keyContextAad, type KeyContext } from '#lib/crypto/key-context.ts'
import { lengthPrefixed } from '#lib/crypto/length-prefixed.ts'
import type { Wrapped } from './key-provider.ts'

/** Tells whether two batches ask for the very same keys in the same order. */
export function batchDigest(batch: readonly { wrapped: Wrapped; context: KeyContext }[]): string {
  const hash = createHash('sha256')
  for (const { wrapped, context } of batch) {
    hash.update(lengthPrefixed(wrapped.provider, Buffer.from(wrapped.blob).toString('base64')))
    hash.update(keyContextAad(context, wrapped.version))
  }
  return hash.digest('base64')
}
