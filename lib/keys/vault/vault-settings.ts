import 'server-only'

import type { KeyProviderEnv } from '#lib/parse-key-providers.ts'

/** Where Vault is, and which of its keys wraps ours. */
export type VaultSettings = NonNullable<KeyProviderEnv['vault']>
