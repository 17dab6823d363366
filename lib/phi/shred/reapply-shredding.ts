import 'server-only'

import type { Pool, QueryResultRow } from 'pg'
import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable, KeysUnavailable } from '#lib/errors.ts'
import { destroyDataKeys } from '#lib/keys/destroy-data-keys.ts'
import { defaultKeyLimits, type KeySettings } from '#lib/keys/key-settings.ts'
import { openOperatorPool } from '#lib/keys/open-key-pool.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { readShredStanding, standingText, type ShredStanding } from './read-shred-standing.ts'
import { removeTokensOf } from './remove-tokens.ts'

/** The patients for whom one side did not know what the other did. */
export type Reapplied = {
  /** this database was older: marked, and tokens removed */
  readonly toRecords: readonly string[]
  /** the key store was older: keys destroyed once more */
  readonly toKeys: readonly string[]
  /** left as they are: marked without two persons, and the key store does not say that they are destroyed */
  readonly unasked: readonly string[]
  /** left as they are: their keys are destroyed, and a legal hold stands on the record */
  readonly held: readonly string[]
}

/**
 * Makes a database or key store that was restored from before a destruction agree with the other one again. Records whose
 * keys are destroyed are marked, and their tokens, which the restore brought back, are removed; keys of records that two persons
 * destroyed are destroyed. Changes nothing where nothing is to do, and nothing at all on the word of a mark that nobody asked for.
 * @param job a session of the job `key-shredding`
 * @throws AuditUnavailable, KeysUnavailable, RecordUnavailable
 */
export async function reapplyShredding(job: Actor, settings: KeySettings): Promise<Reapplied> {
  const database = openOperatorPool(settings, defaultKeyLimits)
  try {
    const standing = await shredStanding(job, database)
    return {
      toKeys: await tellKeys(database, standing.keysAlive),
      toRecords: await tellRecords(job, standing.unmarked),
      unasked: standing.unasked,
      held: standing.held,
    }
  } finally {
    await database.end()
  }
}

/**
 * What waits to be put right, as readShredStanding says it, on this process's own connections. Changes nothing.
 * @param job a session of the job `key-shredding`
 * @param database the key store, on the operator's login
 * @throws AuditUnavailable, KeysUnavailable
 */
export const shredStanding = (job: Actor, database: Pool): Promise<ShredStanding> =>
  ofKeys(() => readShredStanding(database, (patients) => ask(standingText, [job.sessionToken, patients])))

async function tellKeys(database: Pool, patients: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const id of patients) {
    const { destroyed } = await ofKeys(() => destroyDataKeys(database, id))
    if (destroyed > 0) found.push(id)
  }
  return found
}

async function tellRecords(job: Actor, patients: ShredStanding['unmarked']): Promise<string[]> {
  const found: string[] = []
  for (const { patientId, destroyedAt } of patients) {
    // Marked afterwards: whoever dies in between begins again with the tokens.
    if ((await removeTokensOf(job, patientId)) === null) continue
    const [row] = await ask<{ marked: boolean }>('SELECT audit.shred_reapply($1, $2, $3) AS marked', [
      job.sessionToken,
      patientId,
      destroyedAt,
    ])
    if (row?.marked !== true) continue
    // Whoever was writing until then may have put some back; from here on nobody can.
    await removeTokensOf(job, patientId)
    found.push(patientId)
  }
  return found
}

async function ofKeys<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AuditUnavailable) throw error
    throw new KeysUnavailable('the key store does not answer', { cause: error })
  }
}

async function ask<R extends QueryResultRow>(text: string, values: unknown[]): Promise<R[]> {
  try {
    return await appQuery<R>(text, values, 'worker')
  } catch (error) {
    throw new AuditUnavailable('the step could not be recorded', { cause: error })
  }
}
