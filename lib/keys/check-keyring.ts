import 'server-only'
import type { Pool } from 'pg'
import { z } from 'zod'

import { NotConfigured } from '#lib/errors.ts'
import type { KeyringDescription } from './key-provider.ts'
import { readKeyringStates } from './keyring-states.ts'

const usedRow = z.object({ kek_version: z.int() })

/**
 * Holds a provider's keyring against what the key store remembers of it, and moves the store's memory forward.
 * @throws NotConfigured for a keyring that the store has never seen, a foreign one, an older copy, or one that lacks a version
 * that keys are wrapped under
 */
export async function checkKeyring(
  database: Pool,
  environment: string,
  providerId: string,
  keyring: KeyringDescription,
): Promise<void> {
  if (keyring.environment !== environment)
    throw new NotConfigured(`The keyring was made for ${keyring.environment}: put the right one in place.`)
  const state = (await readKeyringStates(database)).find((each) => each.provider === providerId)
  if (!state)
    throw new NotConfigured('The key store was never initialised: run "npm start" or "vigil migrate" first.')
  if (state.keyring_id !== keyring.id || state.environment !== keyring.environment) {
    throw new NotConfigured(
      'The keyring belongs to another installation than the key store: put this installation’s own keyring in place.',
    )
  }
  if (keyring.serial < state.serial) {
    throw new NotConfigured(
      `The keyring is older (serial ${keyring.serial}) than the key store has seen (serial ${state.serial}): put the newest copy in place.`,
    )
  }
  const missing = await missingVersions(database, providerId, keyring)
  if (missing.length > 0) {
    throw new NotConfigured(
      `The keyring lacks version ${missing.join(', ')}, which keys in use are wrapped under: put the newest copy in place.`,
    )
  }
  if (keyring.serial > state.serial) {
    // Between a change of the file and this line a process may have died; the higher serial is the true one.
    await database.query(
      `UPDATE keys.keyring_state SET serial = greatest(serial, $2), updated_at = clock_timestamp()
        WHERE provider = $1 AND serial < $2`,
      [providerId, keyring.serial],
    )
  }
}

async function missingVersions(
  database: Pool,
  providerId: string,
  keyring: KeyringDescription,
): Promise<number[]> {
  const { rows } = await database.query(
    'SELECT DISTINCT kek_version FROM keys.data_key WHERE wrapped IS NOT NULL AND provider = $1 ORDER BY 1',
    [providerId],
  )
  const held = new Set(
    keyring.versions.filter((each) => each.state !== 'destroyed').map((each) => each.version),
  )
  return z
    .array(usedRow)
    .parse(rows)
    .map((each) => each.kek_version)
    .filter((version) => !held.has(version))
}
