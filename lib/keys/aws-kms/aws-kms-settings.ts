import 'server-only'

import type { KeyProviderEnv } from '#lib/parse-key-providers.ts'

/** Which key of AWS KMS wraps ours, and where it is reached. */
export type AwsKmsSettings = NonNullable<KeyProviderEnv['awsKms']>
