import 'server-only'
import type { Pool } from 'pg'
import { z } from 'zod'

import { NotConfigured } from '#lib/errors.ts'
import type { KeyringDescription } from './key-provider.ts'

const stateRow = z.object({ keyring_id: z.string(), environment: z.string(), serial: z.coerce.number() })
const usedRow = z.object({ kek_version: z.int() })

/**
 * Holds the keyring against what the key store remembers of it, and moves the store's memory forward.
 * @returns `unknown` when the store has never seen a keyring
 * @throws NotConfigured for a foreign keyring, an older copy, or one that lacks a version that keys are wrapped under
 */
export async function checkKeyringState(
  database: Pool,
  providerId: string,
  keyring: KeyringDescription,
): Promise<'known' | 'unknown'> {
  const [state] = z
    .array(stateRow)
    .parse((await database.query('SELECT keyring_id, environment, serial FROM keys.keyring_state')).rows)
  if (!state) return 'unknown'
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
  const used = z
    .array(usedRow)
    .parse(
      (
        await database.query(
          'SELECT DISTINCT kek_version FROM keys.data_key WHERE wrapped IS NOT NULL AND provider = $1',
          [providerId],
        )
      ).rows,
    )
  const held = new Set(
    keyring.versions.filter((each) => each.state !== 'destroyed').map((each) => each.version),
  )
  const missing = used.map((each) => each.kek_version).filter((version) => !held.has(version))
  if (missing.length > 0) {
    throw new NotConfigured(
      `The keyring lacks version ${missing.join(', ')}, which keys in use are wrapped under: put the newest copy in place.`,
    )
  }
  if (keyring.serial > state.serial) {
    // Between a change of the file and this line a process may have died; the higher serial is the true one.
    await database.query(
      'UPDATE keys.keyring_state SET serial = greatest(serial, $1), updated_at = clock_timestamp() WHERE serial < $1',
      [keyring.serial],
    )
  }
  return 'known'
}
