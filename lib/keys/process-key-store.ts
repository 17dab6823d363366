import 'server-only'

import { env } from '#lib/env.ts'
import type { KeyStore } from './key-store.ts'
import { openKeyStore } from './open-key-store.ts'

/* Next.js may load a module once for each bundle of one process; there is still to be one cache, one pool, one listener. */
const place: unique symbol = Symbol.for('vigil.key-store')
const shared: typeof globalThis & { [place]?: Promise<KeyStore> | undefined } = globalThis

/**
 * The key store of this process, opened on first use and shared from then on.
 * @throws NotConfigured, KeysUnavailable as openKeyStore does; the next call tries again
 */
export function processKeyStore(): Promise<KeyStore> {
  shared[place] ??= openKeyStore(env).catch((error: unknown) => {
    shared[place] = undefined
    throw error
  })
  return shared[place]
}

/** Closes it, with the last counts handed in: when a command or a server ends, or when its settings changed. */
export async function closeProcessKeyStore(): Promise<void> {
  const closing = shared[place]
  shared[place] = undefined
  await (await closing?.catch(() => undefined))?.close()
}
