import type { Instrumentation } from 'next'
import { noteClientAddresses } from '#lib/auth/client-address.ts'
import { env } from '#lib/env.ts'
import { log } from '#lib/log.ts'

/** Runs once in each serving process, before it answers. */
export function register(): void {
  noteClientAddresses(env.trustedProxies)
}

/**
 * Notes a request that ended in an error page under the reference that the page shows. Neither message nor stack nor
 * address is written: they may hold what belongs to a record.
 */
export const onRequestError: Instrumentation.onRequestError = (error) => {
  const digest = error instanceof Error && 'digest' in error ? String(error.digest) : undefined
  log('request.failed', { reference: digest, errorName: error instanceof Error ? error.name : undefined })
}
