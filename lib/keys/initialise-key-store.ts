import 'server-only'
import { randomUUID } from 'node:crypto'
import { access } from 'node:fs/promises'
import type { Pool } from 'pg'

import { createKeyring } from '#lib/crypto/keyring.ts'
import { now } from '#lib/clock.ts'
import { NotConfigured, VigilError } from '#lib/errors.ts'
import { checkKeyringState } from './check-keyring-state.ts'
import { refusal } from './data-key-reader.ts'
import { makeMissingCredential } from './file/credential.ts'
import { createKeyringFile } from './file/keyring-file.ts'
import { defaultKeyLimits, type KeySettings } from './key-settings.ts'
import { makeFirstKeys } from './make-keys.ts'
import { openKeyPool } from './open-key-pool.ts'
import { openProvider } from './open-provider.ts'
import { organisation } from './read-root-keys.ts'

/**
 * Makes what a new installation needs: credential, keyring, the store's memory of it, the root keys and the organisation's
 * data key. Everything that is there already is left alone, so that it may run at every start, and after a crash anywhere in it.
 * @throws NotConfigured when the store knows a keyring and its file is gone: a new one could open nothing
 */
export async function initialiseKeyStore(settings: KeySettings): Promise<void> {
  const database = openKeyPool(settings, defaultKeyLimits)
  const signal = AbortSignal.timeout(60_000)
  try {
    if (settings.keyProvider === 'file') await makeMissingKeyring(settings, database)
    const provider = await openProvider(settings)
    const keyring = await provider.describe(signal)
    await database.query(
      `INSERT INTO keys.keyring_state (keyring_id, environment, provider, serial) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING`,
      [keyring.id, keyring.environment, provider.id, keyring.serial],
    )
    await checkKeyringState(database, provider.id, keyring)
    const source = { database, provider, keyring }
    for (const purpose of ['index-root', 'identity-root', 'data-key'] as const) {
      await makeFirstKeys(source, purpose, [organisation], signal)
    }
  } catch (error) {
    throw error instanceof VigilError ? error : refusal(error)
  } finally {
    await database.end()
  }
}

async function makeMissingKeyring(settings: KeySettings, database: Pool): Promise<void> {
  const missing = await access(settings.keyringFile).then(
    () => false,
    () => true,
  )
  if (!missing) return
  const known = await database.query('SELECT FROM keys.keyring_state')
  if (known.rowCount !== 0) {
    throw new NotConfigured(
      `The keyring ${settings.keyringFile} is missing, and the key store holds keys that only it opens: put the newest copy in place.`,
    )
  }
  await makeMissingCredential(settings)
  await createKeyringFile(settings, createKeyring(randomUUID(), settings.environment, now())).catch(
    (error: unknown) => {
      // Another process made one in the same moment; that one counts.
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    },
  )
}
