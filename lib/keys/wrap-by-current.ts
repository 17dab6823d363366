import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'

import { ProviderOutage, type KeyProvider } from './key-provider.ts'
import type { KeySource } from './load-keys.ts'

/**
 * Wraps keys by the current provider and stores them. The key store refuses what was wrapped by a provider, or under a version,
 * that stopped wrapping in between (trigger guard_wrapping); then everything is done again with what counts now.
 * @throws ProviderOutage when that goes on
 */
export async function wrapByCurrent<T>(
  source: KeySource,
  wrapAndStore: (provider: KeyProvider) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await wrapAndStore(await source.providers.current(signal))
    } catch (error) {
      if (!wasOvertaken(error)) throw error
      if (tries === 5)
        throw new ProviderOutage('The key provider wraps under a version that is no longer in use.', {
          cause: error,
        })
      await sleep(20 * tries)
    }
  }
}

/** Whether the key store refused something because it was wrapped by, or under, what wraps no longer. */
export const wasOvertaken = (error: unknown): boolean =>
  error instanceof Error && 'constraint' in error && error.constraint === 'wrapped_by_current'
