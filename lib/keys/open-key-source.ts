import 'server-only'

import { VigilError } from '#lib/errors.ts'
import { refusal } from './data-key-reader.ts'
import { defaultKeyLimits, type KeySettings } from './key-settings.ts'
import type { KeySource } from './load-keys.ts'
import { openOperatorPool } from './open-key-pool.ts'
import { openSource } from './open-source.ts'

/** For work over all keys: a statement may take longer than one that a person waits for. */
export const operatorKeyLimits = { ...defaultKeyLimits, attemptSeconds: 60 }

/**
 * Opens the key store for an operator's verb, on a pool of its own: the rows (`database`), who opens them (`providers`), and what
 * keys are bound to (`keyring`), as makeFirstKeys, makeNextKey and loadVersions take it. Close it at the end.
 * @throws NotConfigured when store, settings and keyring do not go together; KeysUnavailable
 */
export async function openKeySource(
  settings: KeySettings,
): Promise<KeySource & { readonly close: () => Promise<void> }> {
  const database = openOperatorPool(settings, operatorKeyLimits)
  try {
    const source = await openSource(settings, database, operatorKeyLimits)
    return {
      ...source,
      close: async () => {
        await source.providers.close()
        await database.end()
      },
    }
  } catch (error) {
    await database.end()
    throw error instanceof VigilError ? error : refusal(error)
  }
}
