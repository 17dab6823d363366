import { test, expect } from 'vitest'
import { makeTestDatabase } from '#lib/testing/test-database.ts'
import { initialiseKeyStore } from './initialise-key-store.ts'
import { openKeyStore } from './open-key-store.ts'

test('smoke', async () => {
  const { urls, home, close } = await makeTestDatabase()
  const settings = {
    environment: 'demo',
    home,
    keyringFile: `${home}/keys/keyring.json`,
    keyProvider: 'file',
    keystoreUrl: urls.keystore,
    keyringPassphrase: undefined,
  } as const
  await initialiseKeyStore(settings)
  await initialiseKeyStore(settings)
  const store = await openKeyStore(settings)
  const k = await store.dataKeyForWriting('patient-1')
  expect((await store.dataKeysFor(['patient-1', 'x'])).size).toBe(1)
  expect(k.version).toBe(1)
  expect((await store.indexKeys()).active).toBe(1)
  await store.close()
  await close()
})
