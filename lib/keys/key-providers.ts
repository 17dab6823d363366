import 'server-only'
import type { Pool } from 'pg'

import { NotConfigured } from '#lib/errors.ts'
import { checkKeyring } from './check-keyring.ts'
import type { KeyProvider } from './key-provider.ts'
import type { KeySettings } from './key-settings.ts'
import { keyringRecord } from './keyring-record.ts'
import { readKeyringStates } from './keyring-states.ts'
import { isProviderId, openProvider, providerEntry, type ProviderId } from './open-provider.ts'

/** The providers of this installation, each opened when it is first needed and held against what the key store remembers. */
export interface KeyProviders {
  /**
   * The one that wraps, as the key store says now.
   * @throws NotConfigured, ProviderOutage, ProviderDenial
   */
  current(signal: AbortSignal): Promise<KeyProvider>
  /**
   * The one that wrapped a row; undefined when the key store knows no such provider, so that a made-up name spoils nobody
   * else's key.
   * @throws NotConfigured, ProviderOutage, ProviderDenial
   */
  find(id: string, signal: AbortSignal): Promise<KeyProvider | undefined>
  close(): Promise<void>
}

/** @param given providers that are open already, such as a test's */
export function keyProviders(
  settings: KeySettings,
  database: Pool,
  given: readonly KeyProvider[] = [],
): KeyProviders {
  const opened = new Map<string, Promise<KeyProvider>>()
  const known = new Set<string>()

  async function openAndCheck(id: ProviderId, signal: AbortSignal): Promise<KeyProvider> {
    const lacking = providerEntry(id).missing(settings)
    if (lacking !== undefined) throw new NotConfigured(lacking)
    const provider =
      given.find((each) => each.id === id) ?? (await openProvider(id, settings, keyringRecord(database, id)))
    await checkKeyring(database, settings.environment, id, await provider.describe(signal))
    return provider
  }

  function open(id: string, signal: AbortSignal): Promise<KeyProvider> {
    if (!isProviderId(id)) throw new NotConfigured(`This version of Vigil knows no key provider ${id}.`)
    const present = opened.get(id)
    if (present) return present
    const opening = openAndCheck(id, signal)
    opened.set(id, opening)
    opening.catch(() => opened.delete(id))
    return opening
  }

  return {
    async current(signal) {
      const current = (await readKeyringStates(database)).find((each) => each.standing === 'current')
      if (!current)
        throw new NotConfigured(
          'The key store was never initialised: run "npm start" or "vigil migrate" first.',
        )
      return open(current.provider, signal)
    },
    async find(id, signal) {
      if (!known.has(id)) for (const each of await readKeyringStates(database)) known.add(each.provider)
      return known.has(id) ? open(id, signal) : undefined
    },
    async close() {
      const providers = await Promise.allSettled(opened.values())
      opened.clear()
      for (const each of providers) if (each.status === 'fulfilled') await each.value.close?.()
    },
  }
}
