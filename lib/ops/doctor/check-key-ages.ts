import 'server-only'
import { keyKinds, oldestDataKey, readKeyFacts, type KeyFacts } from '#lib/accounts/keys/list-keys.ts'
import type { KeyKindView } from '#lib/accounts/keys/view.ts'
import { openClient } from '#lib/db/open-client.ts'
import { type KeyInventory, readKeyInventory } from '#lib/keys/key-inventory.ts'
import { openKeySource } from '#lib/keys/open-key-source.ts'
import { databaseUrl } from '#lib/ops/databases/database-urls.ts'
import { keySettings } from '#lib/ops/keys/with-key-source.ts'
import type { Env } from '#lib/parse-env.ts'
import { type Check, finding, fine } from './finding.ts'

const patienceMilliseconds = 10_000

const readFacts = async (env: Env): Promise<KeyFacts> => {
  const client = await openClient(databaseUrl(env, 'app'), { connectionTimeoutMillis: patienceMilliseconds })
  try {
    return await readKeyFacts(async (text) => (await client.query(text)).rows)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Null when the key store or its provider is out of order, which the checks of those say. */
const readInventory = async (env: Env, facts: KeyFacts): Promise<KeyInventory | null> => {
  try {
    const source = await openKeySource(keySettings(env))
    try {
      return await readKeyInventory(source, oldestDataKey(facts), AbortSignal.timeout(patienceMilliseconds))
    } finally {
      await source.close()
    }
  } catch {
    return null
  }
}

const checkAge = ({ name, standing, ageDays, daysMax, command }: KeyKindView): Check => {
  const check = `age: ${name.toLowerCase()}`
  if (standing === 'overdue')
    return finding(check, `${ageDays} days, at most ${daysMax} are allowed: run "${command}" on the server.`)
  const due = standing === 'due' ? `; due in ${daysMax - (ageDays ?? 0)} days: "${command}"` : ''
  return fine(check, `${ageDays} of ${daysMax} days${due}`)
}

/** How old keys, passwords and secrets are against the schedule, and the serial of the key ring. */
export const checkKeyAges = async (env: Env): Promise<Check[]> => {
  let facts: KeyFacts
  try {
    facts = await readFacts(env)
  } catch {
    // The check of the database's connection says why.
    return []
  }
  const inventory = await readInventory(env, facts)
  return [
    ...keyKinds(facts, inventory)
      .filter(({ standing }) => standing !== 'unknown')
      .map(checkAge),
    ...(inventory === null
      ? []
      : [fine('key ring: serial', `${inventory.serial}, not behind what the key store remembers`)]),
  ]
}
