import 'server-only'

import type { QueryResultRow } from 'pg'
import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable, KeysUnavailable } from '#lib/errors.ts'
import { defaultKeyLimits, type KeySettings } from '#lib/keys/key-settings.ts'
import { listDestroyedOwners } from '#lib/keys/list-destroyed-owners.ts'
import { openKeyPool } from '#lib/keys/open-key-pool.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { removeTokensOf } from './remove-tokens.ts'

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * Makes a database that was restored from before a destruction agree with the key store again: records whose keys are
 * destroyed are marked, and their tokens, which the restore brought back, are removed. Changes nothing where nothing is to do.
 * @param job a session of the job `key-shredding`
 * @returns the patients that it was news of
 * @throws AuditUnavailable, KeysUnavailable, RecordUnavailable
 */
export async function reapplyShredding(job: Actor, settings: KeySettings): Promise<string[]> {
  const destroyed = (await destroyedOwners(settings)).filter(({ owner }) => uuid.test(owner))
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

async function destroyedOwners(settings: KeySettings): Promise<{ owner: string; at: Date }[]> {
  const database = openKeyPool(settings, defaultKeyLimits)
  try {
    return await listDestroyedOwners(database)
  } catch (error) {
    throw new KeysUnavailable('the key store does not say what was destroyed', { cause: error })
  } finally {
    await database.end()
  }
}

async function ask<R extends QueryResultRow>(text: string, values: unknown[]): Promise<R[]> {
  try {
    return await appQuery<R>(text, values, 'worker')
  } catch (error) {
    throw new AuditUnavailable('the step could not be recorded', { cause: error })
  }
}
