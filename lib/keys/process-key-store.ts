import 'server-only'

import { env } from '#lib/env.ts'
import type { KeyStore } from './key-store.ts'
import { openKeyStore } from './open-key-store.ts'

let opened: Promise<KeyStore> | undefined

/**
 * The key store of this process, opened on first use and kept.
 * @throws NotConfigured, KeysUnavailable; the next call tries again
 */
export function processKeyStore(): Promise<KeyStore> {
  opened ??= openKeyStore(env).catch((error: unknown) => {
    opened = undefined
    throw error
  })
  return opened
}

/** Closes it when the process ends, or when its settings changed. */
export async function closeProcessKeyStore(): Promise<void> {
  const closing = opened
  opened = undefined
  await (await closing)?.close()
}
