import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable, KeysUnavailable } from '#lib/errors.ts'
import { destroyDataKeys } from '#lib/keys/destroy-data-keys.ts'
import { defaultKeyLimits, type KeySettings } from '#lib/keys/key-settings.ts'
import { openOperatorPool } from '#lib/keys/open-key-pool.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { removeTokensOf } from './remove-tokens.ts'
import type { ShredRefusal, ShredState } from './shred-request.ts'

export type Shredded = {
  readonly patientId: string
  /** versions of the data key, all of them destroyed */
  readonly keyVersions: number
  readonly tokensRemoved: number
}

/** What a process that dies here leaves behind; each is committed before the next begins. */
export type ShredStep = Extract<ShredState, 'started' | 'keys-destroyed' | 'tokens-removed' | 'done'>

/**
 * Carries a confirmed request out, or goes on where an earlier process ended:
 * 1. that it begins is written down, as soon as nobody is writing to the record; from here on nobody is admitted to it, whoever was
 *    admitted just before writes nothing more, and a hold can no longer be placed;
 * 2. every version of the patient's data key is destroyed in the key store, and every process told to forget it;
 * 3. tokens that the patient could be found by are removed;
 * 4. that it is done is written down.
 * The rows themselves stay: ciphertext that nothing opens, and the trail, which still says who looked.
 * @param job a session of the job `key-shredding`
 * @param reached is told of each step once it is committed
 * @returns what was done, or why it was refused
 * @throws AuditUnavailable, KeysUnavailable, RecordUnavailable: call again
 */
export async function carryOutShredding(
  job: Actor,
  settings: KeySettings,
  requestId: string,
  reached: (step: ShredStep) => void | Promise<void> = () => undefined,
): Promise<Shredded | { refusal: ShredRefusal }> {
  const begun = await start(job, requestId)
  if ('refusal' in begun) return begun
  const { patientId, state } = begun
  await reached('started')

  // Again, whatever was reached before: it costs nothing, and a key that should not be there is worse than a second look.
  const keyVersions = await destroyKeys(settings, patientId)
  await advance(job, requestId, 'keys-destroyed')
  await reached('keys-destroyed')

  const tokensRemoved = await removeTokensOf(job, patientId)
  if (tokensRemoved === null) throw new AuditUnavailable('the job was not admitted to the record')
  await advance(job, requestId, 'tokens-removed')
  await reached('tokens-removed')

  if (state !== 'done') await advance(job, requestId, 'done', { keys: keyVersions, tokens: tokensRemoved })
  await reached('done')
  return { patientId, keyVersions, tokensRemoved }
}

async function start(
  job: Actor,
  requestId: string,
): Promise<{ patientId: string; state: ShredState } | { refusal: ShredRefusal }> {
  const [row] = await ask<{ patient_id: string | null; state: ShredState; refusal: string | null }>(
    'SELECT patient_id, state, refusal FROM audit.shred_start($1, $2)',
    [job.sessionToken, requestId],
  )
  if (!row?.patient_id || row.refusal !== null) return { refusal: row?.refusal ?? 'no-such-request' }
  return { patientId: row.patient_id, state: row.state }
}

async function destroyKeys(settings: KeySettings, patientId: string): Promise<number> {
  const database = openOperatorPool(settings, defaultKeyLimits)
  try {
    const { versions } = await destroyDataKeys(database, patientId)
    const ownCache = await processKeyStore()
    ownCache.dropCachedKeys(patientId)
    return versions
  } catch (error) {
    if (error instanceof KeysUnavailable) throw error
    throw new KeysUnavailable('the key store could not destroy the keys', { cause: error })
  } finally {
    await database.end()
  }
}

/** Moves the request on; one that is further already stays there. */
async function advance(job: Actor, requestId: string, to: ShredStep, detail: object = {}): Promise<void> {
  await ask('SELECT audit.shred_advance($1, $2, $3, $4::jsonb)', [
    job.sessionToken,
    requestId,
    to,
    JSON.stringify(detail),
  ])
}

async function ask<R extends Record<string, unknown>>(text: string, values: unknown[]): Promise<R[]> {
  try {
    return await appQuery<R>(text, values, 'worker')
  } catch (error) {
    throw new AuditUnavailable('the step could not be recorded', { cause: error })
  }
}
