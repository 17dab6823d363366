import 'server-only'
import type { KeySettings } from '#lib/keys/key-settings.ts'
import { log } from '#lib/log.ts'
import type { Env } from '#lib/parse-env.ts'

/** Its modules read the settings when they are loaded, so they are loaded here; the launcher keeps no connection and no key. */
const settle = async (env: Env): Promise<string | null> => {
  const [
    { begunStates, finishShredding },
    { shredStanding },
    { asService },
    { openOperatorPool },
    { defaultKeyLimits },
    { keySettings },
    { endPools },
    { closeProcessKeyStore },
  ] = await Promise.all([
    import('#lib/ops/keys/finish-shredding.ts'),
    import('#lib/phi/shred/reapply-shredding.ts'),
    import('#lib/phi/service-actor.ts'),
    import('#lib/keys/open-key-pool.ts'),
    import('#lib/keys/key-settings.ts'),
    import('#lib/ops/keys/with-key-source.ts'),
    import('#lib/db/pools.ts'),
    import('#lib/keys/process-key-store.ts'),
  ])
  const look = async (settings: KeySettings) => {
    const database = openOperatorPool(settings, defaultKeyLimits)
    try {
      return await asService('key-shredding', (job) => shredStanding(job, database))
    } finally {
      await database.end()
    }
  }
  try {
    const settings = keySettings(env)
    const { unmarked, keysAlive, begun } = await look(settings)
    if (unmarked.length + keysAlive.length + begun.length === 0) return null
    const { finished, reapplied } = await finishShredding(settings, begunStates)
    return `Destroyed records: ${finished.length} finished; after a restore, ${reapplied.toRecords.length} told to the records and ${reapplied.toKeys.length} to the key store.`
  } finally {
    await endPools()
    await closeProcessKeyStore()
  }
}

/**
 * Before anybody is served: records whose keys are destroyed are marked so, because a database that was restored from before does not
 * know it and its pages would fail; keys that a restored key store brought back are destroyed again; and destructions that began are
 * finished. With nothing to do it asks three questions and changes nothing. Never ends the start: what could not be asked or done
 * waits, and `vigil doctor` and `vigil keys shred --resume` are there for it.
 * @param hasWorker whether the login for jobs is known here; without one nothing is done
 * @returns one line for whoever starts Vigil when something was done, or could not be
 */
export const settleShredding = async (env: Env, hasWorker: boolean): Promise<string | null> => {
  if (!hasWorker) return null
  try {
    return await settle(env)
  } catch (error) {
    log('job.failed', {
      place: 'keys.shredding',
      errorName: error instanceof Error ? error.name : undefined,
    })
    return 'Destroyed records could not be looked at; "vigil doctor" says what waits.'
  }
}
