import 'server-only'
import type { Pool } from 'pg'

import { NotConfigured } from '#lib/errors.ts'
import { attempt } from './attempt.ts'
import type { KeyProvider } from './key-provider.ts'
import { keyProviders } from './key-providers.ts'
import type { KeyLimits, KeySettings } from './key-settings.ts'
import { readKeyringStates, requireNamedProvider } from './keyring-states.ts'
import type { KeySource } from './load-keys.ts'

/**
 * Finds out where keys come from, and holds the settings and the keyrings against what the key store remembers. The current
 * provider must open; one that keys are leaving is opened when a key under it is read.
 * @throws NotConfigured when they do not go together; ProviderOutage, ProviderDenial
 */
export async function openSource(
  settings: KeySettings,
  database: Pool,
  limits: KeyLimits,
  given: readonly KeyProvider[] = [],
): Promise<KeySource> {
  const states = await readKeyringStates(database)
  const [first] = states
  if (!first)
    throw new NotConfigured('The key store was never initialised: run "npm start" or "vigil migrate" first.')
  requireNamedProvider(states, settings)
  const providers = keyProviders(settings, database, given)
  await attempt((signal) => providers.current(signal), limits.attemptSeconds)
  return { database, providers, keyring: { id: first.keyring_id, environment: first.environment } }
}
