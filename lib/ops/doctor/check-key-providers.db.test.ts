import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseEnv } from '#lib/parse-env.ts'
import { keyStoreUnderTest, type KeyStoreUnderTest } from '#lib/testing/key-store-under-test.ts'
import { outsideIds, outsideProviders, type OutsideProviders } from '#lib/testing/outside-providers.ts'
import { checkKeyProviders } from './check-key-providers.ts'

let outside: OutsideProviders
beforeAll(async () => {
  outside = await outsideProviders()
})
afterAll(() => outside.close())

const withStore = async (
  keyProvider: 'file' | (typeof outsideIds)[number],
  work: (under: KeyStoreUnderTest, look: () => ReturnType<typeof checkKeyProviders>) => Promise<void>,
) => {
  const under = await keyStoreUnderTest({ settings: { keyProvider, ...outside.settings } })
  const { keystoreUrl, home, keyringFile } = under.settings
  const env = { ...parseEnv({ KEYSTORE_URL: keystoreUrl, DATABASE_URL: keystoreUrl, VIGIL_HOME: home, KEYRING_FILE: keyringFile }), ...outside.settings, keyProvider } // prettier-ignore
  try {
    await work(under, () => checkKeyProviders(env))
  } finally {
    await under.close()
  }
}

describe('vigil doctor asks who holds the root keys', () => {
  test('a keyring in a file', () =>
    withStore('file', async (_, look) => {
      expect(await look()).toEqual([{ name: 'key provider file', ok: true, detail: 'wraps and unwraps' }])
    }))

  test.each(outsideIds)('%s: well, away, and refusing', (id) =>
    withStore(id, async (_, look) => {
      expect(await look()).toEqual([{ name: `key provider ${id}`, ok: true, detail: 'wraps and unwraps' }])
      for (const [how, said] of [['outage', /does not answer/], ['denial', /refuses/]] as const) {
        const repair = outside.breakDown(id, how)
        const [check] = await look()
        expect(check?.ok).toBe(false)
        expect(check?.detail).toMatch(said)
        repair()
      }
    })) // prettier-ignore

  test('a setting that names another provider than the keys are with', () =>
    withStore('file', async (under) => {
      const env = { ...parseEnv({ KEYSTORE_URL: under.settings.keystoreUrl, DATABASE_URL: under.settings.keystoreUrl, VIGIL_HOME: under.settings.home }), ...outside.settings, keyProvider: 'vault' as const } // prettier-ignore
      const [check] = await checkKeyProviders(env)
      expect(check?.detail).toMatch(/KEY_PROVIDER names vault/)
    }))
})
