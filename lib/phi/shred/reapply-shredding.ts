import 'server-only'

import type { Pool, QueryResultRow } from 'pg'
import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable, KeysUnavailable } from '#lib/errors.ts'
import { destroyDataKeys } from '#lib/keys/destroy-data-keys.ts'
import { defaultKeyLimits, type KeySettings } from '#lib/keys/key-settings.ts'
import { listDestroyedOwners } from '#lib/keys/list-destroyed-owners.ts'
import { openOperatorPool } from '#lib/keys/open-key-pool.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { removeTokensOf } from './remove-tokens.ts'

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The patients for whom one side did not know what the other did. */
export type Reapplied = {
  /** this database was older: marked, and tokens removed */
  readonly toRecords: readonly string[]
  /** the key store was older: keys destroyed once more */
  readonly toKeys: readonly string[]
}

/**
 * Makes a database or key store that was restored from before a destruction agree with the other one again. Records whose
 * keys are destroyed are marked, and their tokens, which the restore brought back, are removed; keys of records that are marked are
 * destroyed. Changes nothing where nothing is to do.
 * @param job a session of the job `key-shredding`
 * @throws AuditUnavailable, KeysUnavailable, RecordUnavailable
 */
export async function reapplyShredding(job: Actor, settings: KeySettings): Promise<Reapplied> {
  const database = openOperatorPool(settings, defaultKeyLimits)
  try {
    return {
      toKeys: await tellKeys(job, database),
      toRecords: await tellRecords(job, database),
    }
  } finally {
    await database.end()
  }
}

async function tellKeys(job: Actor, database: Pool): Promise<string[]> {
  const marked = await ask<{ id: string }>('SELECT audit.destroyed_all($1) AS id', [job.sessionToken])
  const found: string[] = []
  for (const { id } of marked) {
    const { destroyed } = await ofKeys(() => destroyDataKeys(database, id))
    if (destroyed > 0) found.push(id)
  }
  return found
}

async function tellRecords(job: Actor, database: Pool): Promise<string[]> {
  const destroyed = (await ofKeys(() => listDestroyedOwners(database))).filter(({ owner }) =>
    uuid.test(owner),
  )
  const marked = await markedOf(destroyed.map(({ owner }) => owner))
  const found: string[] = []
  for (const { owner, at } of destroyed) {
    if (marked.has(owner)) continue
    // Marked last: whoever dies in between begins again with the tokens.
    if ((await removeTokensOf(job, owner)) === null) continue
    await ask('SELECT audit.shred_reapply($1, $2, $3)', [job.sessionToken, owner, at])
    found.push(owner)
  }
  return found
}

async function markedOf(patients: readonly string[]): Promise<Set<string>> {
  const [row] = await ask<{ marked: string[] }>('SELECT audit.destroyed($1::uuid[]) AS marked', [patients])
  return new Set(row?.marked)
}

async function ofKeys<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
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
