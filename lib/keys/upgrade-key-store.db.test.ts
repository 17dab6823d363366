import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keyStoreUnderTest, type KeyStoreUnderTest } from '#lib/testing/key-store-under-test.ts'
import { beginKekRotation, moveKeys } from './move-keys.ts'
import { openKeySource } from './open-key-source.ts'

const folder = fileURLToPath(new URL('../../prisma/keystore-migrations', import.meta.url))
const migrations = readdirSync(folder)
  .filter((name) => /^\d{14}_/.test(name))
  .toSorted()
const textOf = (name: string) => readFileSync(`${folder}/${name}/migration.sql`, 'utf8')
/** The first version of Vigil that had a key store ended with this one. */
const first = '20261122000100_create_key_store'

let under: KeyStoreUnderTest
beforeAll(async () => {
  under = await keyStoreUnderTest()
  await (await under.open()).dataKeysForWriting(['patient-1', 'patient-2'])
})
afterAll(() => under.close())

const isBootstrap = (name: string) => /_create_roles(_and_schemas)?$/.test(name)

test('a key store of the first version goes on after the migrations of this one', async () => {
  const { rows: keys } = await under.as('owner', 'SELECT purpose, owner_id, version, state, provider, kek_version, wrapped FROM keys.data_key') // prettier-ignore
  const { rows: [state] } = await under.as('owner', 'SELECT keyring_id, environment, provider, serial FROM keys.keyring_state') // prettier-ignore
  // The same content in the tables of then.
  await under.as('superuser', 'DROP SCHEMA keys CASCADE')
  for (const name of migrations.filter((each) => each <= first))
    await under.as(isBootstrap(name) ? 'superuser' : 'owner', textOf(name))
  await under.as('vigil_keys', 'INSERT INTO keys.keyring_state (keyring_id, environment, provider, serial) SELECT keyring_id, environment, provider, serial FROM json_to_record($1) AS s (keyring_id text, environment text, provider text, serial bigint)', [JSON.stringify(state)]) // prettier-ignore
  for (const { purpose, owner_id, version, state: standing, provider, kek_version, wrapped } of keys as Record<string, unknown>[]) // prettier-ignore
    await under.as('vigil_keys', 'INSERT INTO keys.data_key (purpose, owner_id, version, state, provider, kek_version, wrapped) VALUES ($1, $2, $3, $4, $5, $6, $7)', [purpose, owner_id, version, standing, provider, kek_version, wrapped]) // prettier-ignore
  const later = migrations.filter((each) => each > first)
  expect(later).toContain('20261122100100_move_between_providers')
  for (const name of later) await under.as(isBootstrap(name) ? 'superuser' : 'owner', textOf(name))

  const store = await under.open()
  expect((await store.dataKeysFor(['patient-1', 'patient-2'])).size).toBe(2)
  expect((await store.dataKeyForWriting('patient-3')).version).toBe(1)
  const source = await openKeySource(under.settings)
  const signal = AbortSignal.timeout(20_000)
  const target = await beginKekRotation(source, signal)
  const moved = await moveKeys(source, target, { attemptSeconds: 10, checkAfterSeconds: 0, onProgress: () => undefined }) // prettier-ignore
  expect(moved).toMatchObject({ version: 2, moved: keys.length + 1, left: [0, 0] })
  await source.close()
  expect((await (await under.open()).dataKeysFor(['patient-1', 'patient-3'])).size).toBe(2)
})
