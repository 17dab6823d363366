import { afterAll, beforeAll, expect, test } from 'vitest'

import { KeysUnavailable, NotConfigured } from '#lib/errors.ts'
import { keyStoreUnderTest, type KeyStoreUnderTest } from '#lib/testing/key-store-under-test.ts'
import { explainRefusal } from './explain-refusal.ts'

let under: KeyStoreUnderTest
beforeAll(async () => {
  under = await keyStoreUnderTest()
})
afterAll(() => under.close())

/** What PostgreSQL says to the serving login when it tries what only an operator may. */
const refused = (): Promise<unknown> =>
  under.as('vigil_keys', "UPDATE keys.data_key SET wrapped = 'x'").then(
    () => undefined,
    (error: unknown) => error,
  )

test('a verb without the operator’s address names the setting that is missing, however deep the reason lies', async () => {
  const without = { ...under.settings, keystoreOperatorUrl: undefined }
  const error = await refused()
  expect(explainRefusal(error, without)).toBeInstanceOf(NotConfigured)
  expect(explainRefusal(new KeysUnavailable('refused', { cause: error }), without).message).toContain(
    'KEYSTORE_OPERATOR_URL',
  )
})

test('with one, and for any other failure, it stays what it was', async () => {
  const kept = new KeysUnavailable('the key store does not answer')
  expect(explainRefusal(await refused(), under.settings)).toBeInstanceOf(KeysUnavailable)
  expect(explainRefusal(kept, { ...under.settings, keystoreOperatorUrl: undefined })).toBe(kept)
})
