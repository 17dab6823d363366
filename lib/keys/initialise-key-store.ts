import 'server-only'

import { VigilError } from '#lib/errors.ts'
import { refusal } from './data-key-reader.ts'
import { defaultKeyLimits, type KeySettings } from './key-settings.ts'
import { readKeyringStates, requireNamedProvider } from './keyring-states.ts'
import { makeFirstKeys } from './make-keys.ts'
import { openOperatorPool } from './open-key-pool.ts'
import { openSource } from './open-source.ts'
import { organisation } from './read-root-keys.ts'
import { setUpProvider } from './set-up-provider.ts'

/**
 * Makes what a new installation needs: credential, keyring, the store's memory of it, the root keys and the organisation's
 * data key. Everything that is there already is left alone, so that it may run at every start, and after a crash anywhere in it.
 * @throws NotConfigured when the store knows a keyring and its file is gone: a new one could open nothing
 */
export async function initialiseKeyStore(settings: KeySettings): Promise<void> {
  const database = openOperatorPool(settings, defaultKeyLimits)
  const signal = AbortSignal.timeout(60_000)
  try {
    requireNamedProvider(await readKeyringStates(database), settings)
    const provider = await setUpProvider(settings.keyProvider, settings, database, signal)
    const source = await openSource(settings, database, defaultKeyLimits, [provider])
    // Only what is missing: a provider that is away must not keep an installation that is complete from starting.
    const { rows } = await database.query<{ purpose: string }>(
      'SELECT DISTINCT purpose FROM keys.data_key WHERE owner_id = $1',
      [organisation],
    )
    const present = new Set(rows.map((row) => row.purpose))
    for (const purpose of ['index-root', 'identity-root', 'data-key'] as const) {
      if (!present.has(purpose)) await makeFirstKeys(source, purpose, [organisation], signal)
    }
    await source.providers.close()
  } catch (error) {
    throw error instanceof VigilError ? error : refusal(error)
  } finally {
    await database.end()
  }
}
