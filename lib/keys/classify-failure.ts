import 'server-only'

import { ProviderDenial } from './key-provider.ts'

/** SQLSTATE classes by which the key store says no rather than not now: bad login, missing right. */
const denials = /^(28...|42501)$/

/**
 * Tells an outage (ask again, cached keys stay good for a while) from a denial (the answer is no, cached keys are dropped).
 * What cannot be told is an outage, and an outage ends too.
 */
export function classifyFailure(error: unknown): 'outage' | 'denial' {
  if (error instanceof ProviderDenial) return 'denial'
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && denials.test(code) ? 'denial' : 'outage'
}
