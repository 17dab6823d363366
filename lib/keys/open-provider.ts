import 'server-only'

import { openFileProvider } from './file/file-provider.ts'
import type { KeyProvider } from './key-provider.ts'
import type { KeySettings } from './key-settings.ts'

/**
 * The provider that the settings name.
 * @throws ProviderDenial, ProviderOutage
 */
export function openProvider(settings: KeySettings): Promise<KeyProvider> {
  switch (settings.keyProvider) {
    case 'file':
      return openFileProvider(settings)
  }
}
