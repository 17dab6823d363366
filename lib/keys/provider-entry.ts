import 'server-only'

import type { KeyProvider } from './key-provider.ts'
import type { KeySettings } from './key-settings.ts'
import type { KeyringRecord } from './keyring-record.ts'

/** A key provider as open-provider.ts lists it. */
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
