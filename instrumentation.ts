import type { Instrumentation } from 'next'

/*
 * Imports stand inside the functions: Next compiles this file for its edge runtime too, where nothing of it runs.
 */

/** Runs once in each serving process, before it answers. */
export async function register(): Promise<void> {
  if (process.env['NEXT_RUNTIME'] !== 'nodejs') return
  const { outliveLogReaders } = await import('#lib/outlive-log-readers.ts')
  outliveLogReaders()
  const { noteClientAddresses } = await import('#lib/auth/client-address.ts')
  const { env } = await import('#lib/env.ts')
  noteClientAddresses(env.trustedProxies)
}

/**
 * Notes a request that ended in an error page under the reference that the page shows. Neither message nor stack nor
 * address is written: they may hold what belongs to a record.
 */
export const onRequestError: Instrumentation.onRequestError = async (error) => {
  if (process.env['NEXT_RUNTIME'] !== 'nodejs') return
  const { log } = await import('#lib/log.ts')
  const digest = error instanceof Error && 'digest' in error ? String(error.digest) : undefined
  log('request.failed', { reference: digest, errorName: error instanceof Error ? error.name : undefined })
}
