import 'server-only'

import type { KeyContext } from '#lib/crypto/key-context.ts'
import type { KeyringDescription } from './key-provider.ts'

/** What a key of this store is bound to: its purpose, owner and version, and the keyring and environment it belongs to. */
export function keyContextFor(
  keyring: Pick<KeyringDescription, 'id' | 'environment'>,
  purpose: KeyContext['purpose'],
  owner: string,
  version: number,
): KeyContext {
  return { purpose, keyring: keyring.id, environment: keyring.environment, owner, version }
}
