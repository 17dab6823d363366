import 'server-only'
import { NotConfigured, VigilError } from '#lib/errors.ts'
import { refusal } from '#lib/keys/data-key-reader.ts'
import type { KeySettings } from '#lib/keys/key-settings.ts'

/** PostgreSQL's 42501, met itself or under an error of ours, which keeps the code alone. */
const lacksRight = (error: unknown): boolean =>
  error instanceof VigilError
    ? error.causeName?.endsWith(' 42501') === true
    : error instanceof Error && 'code' in error && error.code === '42501'

/** What an operator is told of a failure on the key store: the serving login may not do what these verbs do. */
export const explainRefusal = (error: unknown, settings: KeySettings): VigilError => {
  if (settings.keystoreOperatorUrl === undefined && lacksRight(error))
    return new NotConfigured(
      'KEYSTORE_OPERATOR_URL is missing: set it to the address of the key store as login vigil_keys_operator, which alone may change, rewrap and destroy keys.',
      { cause: error },
    )
  return error instanceof VigilError ? error : refusal(error)
}
