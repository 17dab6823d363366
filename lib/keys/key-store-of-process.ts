import 'server-only'

import { env } from '#lib/env.ts'
import type { KeyStore } from './key-store.ts'
import { openKeyStore } from './open-key-store.ts'

let opened: Promise<KeyStore> | undefined

/**
 * The key store of this process, opened when first asked for and shared from then on.
 * @throws NotConfigured, KeysUnavailable as {@link openKeyStore}; after a failure the next call tries again
 */
export function keyStore(): Promise<KeyStore> {
  opened ??= openKeyStore(env).catch((error: unknown) => {
    opened = undefined
    throw error
  })
  return opened
}

/** Closes it, with the last counts handed in: for commands and for the end of a server. */
export async function closeKeyStore(): Promise<void> {
  const closing = opened
  opened = undefined
  await (await closing?.catch(() => undefined))?.close()
}
