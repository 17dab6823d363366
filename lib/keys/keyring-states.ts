import 'server-only'
import type { Pool } from 'pg'
import { z } from 'zod'

import { NotConfigured } from '#lib/errors.ts'
import type { KeySettings } from './key-settings.ts'

const state = z.object({
  provider: z.string(),
  keyring_id: z.string(),
  environment: z.string(),
  serial: z.coerce.number(),
  /** `current` wraps; `leaving` only unwraps; `arriving` was set up; `former` holds nothing any more */
  standing: z.enum(['arriving', 'current', 'leaving', 'former']),
  version_min: z.int(),
})
export type KeyringState = z.infer<typeof state>

/** What the key store remembers of each provider's keyring; empty before the first initialisation. */
export async function readKeyringStates(database: Pool): Promise<KeyringState[]> {
  const { rows } = await database.query(
    'SELECT provider, keyring_id, environment, serial, standing, version_min FROM keys.keyring_state ORDER BY provider',
  )
  return z.array(state).parse(rows)
}

/**
 * Holds KEY_PROVIDER against the key store. While keys move, the one they leave may still be named; once none is left there,
 * the setting has to follow, or a later start would look for the keys in the wrong place.
 * @throws NotConfigured with what to do
 */
export function requireNamedProvider(
  states: readonly KeyringState[],
  settings: Pick<KeySettings, 'keyProvider'>,
): void {
  const named = states.find((each) => each.provider === settings.keyProvider)
  const current = states.find((each) => each.standing === 'current')
  if (!current || named?.standing === 'current' || named?.standing === 'leaving') return
  throw new NotConfigured(
    named?.standing === 'former'
      ? `KEY_PROVIDER names ${settings.keyProvider}, and the keys have moved to ${current.provider}: set KEY_PROVIDER=${current.provider}.`
      : `KEY_PROVIDER names ${settings.keyProvider}, and the keys of this installation are with ${current.provider}: set KEY_PROVIDER=${current.provider}, and move them with "vigil keys rotate-root --to ${settings.keyProvider}".`,
  )
}
