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
import { VigilError } from '#lib/errors.ts'
import { initialiseKeyStore } from '#lib/keys/initialise-key-store.ts'
import { defaultKeyLimits, type KeySettings } from '#lib/keys/key-settings.ts'
import type { KeyStore } from '#lib/keys/key-store.ts'
import { openKeyStore } from '#lib/keys/open-key-store.ts'
import { type KmsServer, startKmsServer } from '#lib/testing/kms-server.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { startVigil } from '#lib/testing/vigil-process.ts'

// A hundred over all rotations are killed by `npm run bench -- rotation-kills`.
const kills = 5
const column = cellColumn('patient.family-name', 'string')
const rowOf = (owner: string) => rowAddress('11111111-1111-4111-8111-111111111111', owner)
const owners = Array.from({ length: 1000 }, () => randomUUID())
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
  // A serving process with cold keys, so that every read goes to the store and to whoever wraps. It shares its thread with the
  // KMS and with all that is checked here, so an answer may take long on a busy machine.
  store = await openKeyStore(settings, { ...defaultKeyLimits, freshSeconds: 0, attemptSeconds: 20 })
  const { urls } = await testDatabase()
  keystore = new pg.Client({ connectionString: urls.keystore_superuser })
  await keystore.connect()
  for (const [owner, key] of await store.dataKeysForWriting(owners))
    cells.set(owner, sealCell(key, column, rowOf(owner), `of ${owner}`))
}, 240_000)
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

const nameOf = (error: unknown): string =>
  error instanceof VigilError ? `${error.message} (${error.causeName ?? 'no cause'})` : String(error)

/** Registers people and opens records until told to stop, a hundred times each at least; says how often, and how often it failed. */
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
        done.failures.push(`read: ${nameOf(error)}`)
      }
      await sleep(10)
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
        done.failures.push(`write: ${nameOf(error)}`)
      }
      // Slowly enough that the rotation does not chase an ever-growing number of keys.
      await sleep(25)
    }
  }
  const all = [reader(), reader(), writer(), writer()]
  return {
    async stop() {
      while ((done.reads < 100 || done.writes < 100) && done.failures.length === 0) await sleep(20)
      stopped = true
      await Promise.all(all)
      return done
    },
  }
}

type Lies = { provider: string; kek_version: number; keys: string }
/** Where the keys lie: how many under which version of which provider. */
const versions = async () =>
  (await keystore.query<{ provider: string; kek_version: number; keys: string }>(
    'SELECT provider, kek_version, count(*) AS keys FROM keys.data_key WHERE wrapped IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2',
  )).rows // prettier-ignore

/**
 * Kills a verb over and over, and lets it finish once: first at any instant of its start, and then at any instant after so many keys
 * have been moved, however slow the machine is today. It cannot have ended before: it waits for a lease at its end.
 */
async function killOverAndOver(isMoved: (row: Lies) => boolean, ...words: string[]) {
  const working = work()
  const count = async () => {
    const rows = await versions()
    const sum = (some: Lies[]) => some.reduce((total, each) => total + Number(each.keys), 0)
    return { moved: sum(rows.filter(isMoved)), all: sum(rows) }
  }
  let killed = 0
  let spread = 0
  try {
    for (let round = 0; round < kills; round += 1) {
      const verb = await startVigil([...words, '--throttle', '250'], variables)
      const goal = ((round + Math.random()) / (kills + 1)) * (await count()).all
      while (round > 0 && verb.child.exitCode === null && (await count()).moved < goal) await sleep(10)
      await sleep(randomInt(0, round === 0 ? 1500 : 300))
      if (verb.child.exitCode === null && verb.child.kill('SIGKILL')) killed += 1
      await verb.ended
      expect(await unreadable()).toBe(0)
      const { moved, all } = await count()
      if (moved > 0 && moved < all) spread += 1
    }
    const both = [
      await startVigil([...words, '--json'], variables),
      await startVigil([...words, '--json'], variables),
    ]
    const statuses = await Promise.all(both.map((each) => each.ended))
    return { killed, spread, statuses, both, done: await working.stop() }
  } finally {
    await working.stop()
  }
}

test('attack 47: a rotation of the key-encryption key that is killed over and over loses no key, and stops nobody', { timeout: 400_000 }, async () => {
  const { killed, spread, statuses, both, done } = await killOverAndOver(({ kek_version }) => kek_version > 1, 'keys', 'rotate')
  expect(statuses, both[0]?.said.err).toEqual([0, 0])
  expect(killed).toBe(kills)
  // Some were killed in the middle: then keys lie under two versions, and everything opened all the same.
  expect(spread).toBeGreaterThanOrEqual(2)
  expect(done.failures).toEqual([])
  const left = await versions()
  expect(left).toHaveLength(1)
  expect(left[0]?.provider).toBe('file')
  expect(await unreadable()).toBe(0)
  expect(JSON.parse(both[0]?.said.out ?? '')).toMatchObject({ provider: 'file', left: [0, 0] })
}) // prettier-ignore

test.each([['aws-kms', 'file'], ['file', 'aws-kms']])('attack 47: a move to %s that is killed over and over loses no key, and stops nobody', { timeout: 400_000 }, async (to, from) => {
  variables = { ...variables, KEY_PROVIDER: from }
  const { killed, spread, statuses, both, done } = await killOverAndOver(({ provider }) => provider === to, 'keys', 'rotate-root', '--to', to)
  // The one that comes second may find nothing left to do, and says so.
  expect(statuses, both.map((each) => each.said.err).join('\n')).toContain(0)
  expect(killed).toBe(kills)
  expect(spread).toBeGreaterThanOrEqual(2)
  expect(done.failures).toEqual([])
  expect((await versions()).map((each) => each.provider)).toEqual([to])
  expect(await unreadable()).toBe(0)
  const { rows } = await keystore.query('SELECT provider, standing FROM keys.keyring_state ORDER BY 1')
  expect(rows).toEqual([{ provider: to, standing: 'current' }, { provider: from, standing: 'former' }].toSorted((a, b) => a.provider.localeCompare(b.provider)))
}) // prettier-ignore
