import 'server-only'

import type { KeyContext } from '#lib/crypto/key-context.ts'

type Ring = { readonly id: string; readonly environment: string }

/**
 * What a version of the key-encryption key is bound to in KMS. It stands in clear in AWS CloudTrail beside every use, and names nobody.
 */
export const encryptionContext = (ring: Ring, version: number): Record<string, string> => ({
  'vigil:keyring': ring.id,
  'vigil:environment': ring.environment,
  'vigil:kek-version': String(version),
})

/** The same for the check inside; a version of a key-encryption key is nobody's data key. */
export const checkContext = (ring: Ring, version: number): KeyContext => ({
  purpose: 'data-key',
  keyring: ring.id,
  environment: ring.environment,
  owner: 'aws-kms key-encryption key',
  version,
})
