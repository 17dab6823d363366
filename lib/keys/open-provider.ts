import 'server-only'

import type { KeyProvider } from './key-provider.ts'
import type { KeyringRecord } from './keyring-record.ts'
import type { KeySettings } from './key-settings.ts'

/*
 * The register of key providers. One line each, whose module is loaded when that provider is opened, so that a cloud's SDK is
 * not needed where it is not used. A new provider adds its name to KEY_PROVIDER (lib/parse-env.ts) and a line here.
 *
 *   openProvider(id, settings, keyring): Promise<KeyProvider>
 *
 * `settings` are those of the process (addresses, key ids, where the PIN or token is read from); `keyring` is what the key
 * store remembers of this provider's keyring: its id and environment, which every wrapped key is bound to, its serial, and for
 * all but the file its versions with their states. Opening must not fail because the keyring has no version yet:
 * custody.addVersion makes the first one.
 */
export type ProviderEntry = {
  open(settings: KeySettings, keyring: KeyringRecord): Promise<KeyProvider>
  /** what the settings lack for this provider, as a sentence for the operator; undefined when they are complete */
  missing(settings: KeySettings): string | undefined
  /**
   * For a keyring that is kept outside the key store: finds the one in place, or makes it when `wanted` says how. Without it the
   * key store alone remembers the keyring.
   */
  prepare?(
    settings: KeySettings,
    wanted: WantedKeyring | undefined,
  ): Promise<{ id: string; environment: string; serial: number } | undefined>
}

/** How a keyring that has to be made shall begin: beyond everything that the key store remembers of a former one. */
export type WantedKeyring = {
  readonly id: string
  readonly environment: string
  readonly serial: number
  readonly version: number
}

export type ProviderId = KeySettings['keyProvider']

const providers: Readonly<Record<ProviderId, ProviderEntry>> = {
  file: {
    missing: () => undefined,
    prepare: async (...given) => (await import('./file/prepare-keyring.ts')).prepareKeyring(...given),
    open: async (...given) => (await import('./file/file-provider.ts')).openFileProvider(...given),
  },
}

export const isProviderId = (name: string): name is ProviderId => Object.hasOwn(providers, name)

export const providerEntry = (id: ProviderId): ProviderEntry => providers[id]

/** Providers that these settings could open. */
export const configuredProviders = (settings: KeySettings): ProviderId[] =>
  Object.keys(providers)
    .filter(isProviderId)
    .filter((id) => providers[id].missing(settings) === undefined)

/**
 * Opens a provider.
 * @throws ProviderDenial, ProviderOutage; NotConfigured when a setting of this provider is missing
 */
export const openProvider = (
  id: ProviderId,
  settings: KeySettings,
  keyring: KeyringRecord,
): Promise<KeyProvider> => providers[id].open(settings, keyring)
