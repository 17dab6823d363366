import 'server-only'
import { log } from '#lib/log.ts'
import { settleSecrets } from '#lib/ops/credentials/settle-secrets.ts'
import type { Env } from '#lib/parse-env.ts'

const hourMilliseconds = 3600 * 1000

const noted = async (place: string, work: () => Promise<unknown>): Promise<void> => {
  try {
    await work()
  } catch (error) {
    // The next hour is early enough, and `vigil doctor` and the administrator's page look for themselves.
    log('job.failed', { place, errorName: error instanceof Error ? error.name : undefined })
  }
}

/** The modules read the settings when they are loaded, so they are loaded here; the launcher keeps no connection and no key. */
const report = async (): Promise<void> => {
  const [{ reportDueKeys }, { endPools }, { closeProcessKeyStore }] = await Promise.all([
    import('./report-due-keys.ts'),
    import('#lib/db/pools.ts'),
    import('#lib/keys/process-key-store.ts'),
  ])
  try {
    await reportDueKeys()
  } finally {
    await endPools()
    await closeProcessKeyStore()
  }
}

/**
 * Looks after keys while Vigil serves: now and every hour it reports kinds that are due or overdue (once a day each), and
 * takes out what a change of passwords and secrets has left over.
 * @param hasWorker whether the login for jobs is known here; without one nothing can be reported
 * @returns the function that ends it
 */
export const keepKeys = (env: Env, hasWorker: boolean): (() => void) => {
  const look = async (): Promise<void> => {
    if (hasWorker) await noted('keys.due', report)
    await noted('keys.secrets', () => settleSecrets(env))
  }
  void look()
  const timer = setInterval(() => void look(), hourMilliseconds)
  timer.unref()
  return () => clearInterval(timer)
}
