import 'server-only'

import type { KeyProviderEnv } from '#lib/parse-key-providers.ts'

/** Which token, by which library, with which PIN. */
export type Pkcs11Settings = NonNullable<KeyProviderEnv['pkcs11']>
