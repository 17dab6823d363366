import { randomInt, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cellColumn } from '#lib/crypto/cell-column.ts'
import type { DataKeys } from '#lib/crypto/data-keys.ts'
import { openCell } from '#lib/crypto/open-cell.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
import { sealCell } from '#lib/crypto/seal-cell.ts'
import { env } from '#lib/env.ts'
import { initialiseKeyStore } from '#lib/keys/initialise-key-store.ts'
import { defaultKeyLimits, type KeySettings } from '#lib/keys/key-settings.ts'
import type { KeyStore } from '#lib/keys/key-store.ts'
import { openKeyStore } from '#lib/keys/open-key-store.ts'
import { type KmsServer, startKmsServer } from '#lib/testing/kms-server.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { startVigil } from '#lib/testing/vigil-process.ts'

const kills = 12
const column = cellColumn('patient.family-name', 'string')
const rowOf = (owner: string) => rowAddress('11111111-1111-4111-8111-111111111111', owner)
const owners = Array.from({ length: 3000 }, () => randomUUID())
const cells = new Map<string, string>()

let kms: KmsServer
let settings: KeySettings
let variables: Record<string, string>
let store: KeyStore
let keystore: pg.Client

beforeAll(async () => {
  kms = await startKmsServer()
  const keyId = kms.makeKey()
  variables = {
    AWS_ACCESS_KEY_ID: 'AKIAVIGILTEST',
    AWS_SECRET_ACCESS_KEY: 'a-secret-for-the-loopback-only',
    AWS_KMS_KEY_ID: keyId,
    AWS_KMS_ENDPOINT: kms.url,
  }
  Object.assign(process.env, variables)
  settings = { ...env, awsKms: { keyId, region: undefined, endpoint: kms.url } }
  await initialiseKeyStore(settings)
  // A serving process with cold keys, so that every read goes to the store and to whoever wraps.
  store = await openKeyStore(settings, { ...defaultKeyLimits, freshSeconds: 0 })
  const { urls } = await testDatabase()
  keystore = new pg.Client({ connectionString: urls.keystore_superuser })
  await keystore.connect()
  for (const [owner, key] of await store.dataKeysForWriting(owners))
    cells.set(owner, sealCell(key, column, rowOf(owner), `of ${owner}`))
}, 120_000)
afterAll(async () => {
  await store.close()
  await keystore.end()
  await kms.close()
})

const isWhole = (keys: DataKeys | undefined, owner: string): boolean =>
  keys !== undefined && openCell(keys, column, rowOf(owner), cells.get(owner) ?? '') === `of ${owner}`

/** How many of everybody's cells do not open. */
async function unreadable(): Promise<number> {
  const all = [...cells.keys()]
  const keys = await store.dataKeysFor(all)
  return all.filter((owner) => !isWhole(keys.get(owner), owner)).length
}

/** Registers people and opens records until told to stop; says how often each, and how often it failed. */
function work(): { stop(): Promise<{ reads: number; writes: number; failures: string[] }> } {
  let stopped = false
  const done = { reads: 0, writes: 0, failures: [] as string[] }
  const reader = async () => {
    while (!stopped) {
      const some = Array.from({ length: 20 }, () => owners[randomInt(owners.length)] ?? '')
      try {
        const keys = await store.dataKeysFor(some)
        if (!some.every((owner) => isWhole(keys.get(owner), owner))) done.failures.push('not as written')
        done.reads += 1
      } catch (error) {
        done.failures.push(error instanceof Error ? `read: ${error.message}` : 'unknown')
      }
      await sleep(3)
    }
  }
  const writer = async () => {
    while (!stopped) {
      const owner = randomUUID()
      try {
        const key = await store.dataKeyForWriting(owner)
        cells.set(owner, sealCell(key, column, rowOf(owner), `of ${owner}`))
        done.writes += 1
      } catch (error) {
        done.failures.push(error instanceof Error ? `write: ${error.message}` : 'unknown')
      }
      await sleep(3)
    }
  }
  const all = [reader(), reader(), writer(), writer()]
  return {
    async stop() {
      stopped = true
      await Promise.all(all)
      return done
    },
  }
}

const versions = async () =>
  (await keystore.query<{ provider: string; kek_version: number; keys: string }>(
    'SELECT provider, kek_version, count(*) AS keys FROM keys.data_key WHERE wrapped IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2',
  )).rows // prettier-ignore

/** Kills a verb over and over at whatever instant it has come to, and lets it finish once. */
async function killOverAndOver(...words: string[]) {
  const working = work()
  let killed = 0
  let spread = 0
  for (let round = 0; round < kills; round += 1) {
    const verb = await startVigil([...words, '--throttle', '1500'], variables)
    await sleep(randomInt(500, 4500))
    if (verb.child.exitCode === null && verb.child.kill('SIGKILL')) killed += 1
    await verb.ended
    expect(await unreadable()).toBe(0)
    if ((await versions()).length > 1) spread += 1
  }
  // Two at once, the last of them unhurried.
  const [one, other] = [
    await startVigil([...words, '--json'], variables),
    await startVigil([...words, '--json'], variables),
  ]
  const statuses = [await one.ended, await other.ended]
  const done = await working.stop()
  return { killed, spread, statuses, one, other, done }
}

test('attack 47: a rotation of the key-encryption key that is killed over and over loses no key, and stops nobody', { timeout: 400_000 }, async () => {
  const { killed, spread, statuses, one, done } = await killOverAndOver('keys', 'rotate')
  expect(statuses, one.said.err).toEqual([0, 0])
  expect(killed).toBeGreaterThanOrEqual(10)
  // Some were killed in the middle: then keys lie under two versions, and everything opened all the same.
  expect(spread).toBeGreaterThan(0)
  expect(done.failures).toEqual([])
  expect(done.reads).toBeGreaterThan(100)
  expect(done.writes).toBeGreaterThan(100)
  const left = await versions()
  expect(left).toHaveLength(1)
  expect(left[0]?.provider).toBe('file')
  expect(await unreadable()).toBe(0)
  expect(JSON.parse(one.said.out)).toMatchObject({ provider: 'file', left: [0, 0] })
}) // prettier-ignore

test.each([['aws-kms', 'file'], ['file', 'aws-kms']])('attack 47: a move to %s that is killed over and over loses no key, and stops nobody', { timeout: 400_000 }, async (to, from) => {
  variables = { ...variables, KEY_PROVIDER: from }
  const { killed, spread, statuses, one, other, done } = await killOverAndOver('keys', 'rotate-root', '--to', to)
  // The one that comes second may find nothing left to do, and says so.
  expect(statuses, one.said.err + other.said.err).toContain(0)
  expect(killed).toBeGreaterThanOrEqual(10)
  expect(spread).toBeGreaterThan(0)
  expect(done.failures).toEqual([])
  expect(done.reads).toBeGreaterThan(100)
  expect(done.writes).toBeGreaterThan(100)
  expect((await versions()).map((each) => each.provider)).toEqual([to])
  expect(await unreadable()).toBe(0)
  const { rows } = await keystore.query('SELECT provider, standing FROM keys.keyring_state ORDER BY 1')
  expect(rows).toEqual([{ provider: to, standing: 'current' }, { provider: from, standing: 'former' }].toSorted((a, b) => a.provider.localeCompare(b.provider)))
}) // prettier-ignore
