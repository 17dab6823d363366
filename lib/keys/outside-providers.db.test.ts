import { afterEach, describe, expect, test } from 'vitest'

import { cellColumn } from '#lib/crypto/cell-column.ts'
import { openCell } from '#lib/crypto/open-cell.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
import { sealCell } from '#lib/crypto/seal-cell.ts'
import { KeysUnavailable } from '#lib/errors.ts'
import { countingProvider, keyStoreUnderTest } from '#lib/testing/key-store-under-test.ts'
import { outsideIds, outsideProviders, type OutsideId } from '#lib/testing/outside-providers.ts'
import { initialiseKeyStore } from './initialise-key-store.ts'
import type { KeyStore } from './key-store.ts'

/* Each provider beyond this machine's disk, through the key store and to the end. */

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const column = cellColumn('patient.family-name', 'string')
const rowOf = (owner: string) => rowAddress('11111111-1111-4111-8111-111111111111', owner)
const patients = (count: number) => Array.from({ length: count }, (_, at) => `patient-${at}`)
const later = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))
/** Keys are fresh for a moment only, so that what happens to the provider shows. */
const quick = { freshSeconds: 0.2, staleSeconds: 60, attemptSeconds: 3, pauseSeconds: 0.1 }

async function make(id: OutsideId, { initialised = true } = {}) {
  const outside = await outsideProviders()
  cleanups.push(() => outside.close())
  const under = await keyStoreUnderTest({ initialised, settings: { keyProvider: id, ...outside.settings } })
  cleanups.push(() => under.close())
  const provider = () => outside.open(id, under.settings)
  return { ...under, outside, provider }
}

async function writeCell(store: KeyStore, owner: string): Promise<string> {
  return sealCell(await store.dataKeyForWriting(owner), column, rowOf(owner), `name of ${owner}`)
}

async function readCell(store: KeyStore, owner: string, cell: string): Promise<unknown> {
  const own = (await store.dataKeysFor([owner])).get(owner)
  if (!own) throw new Error('missing keys')
  return openCell(own, column, rowOf(owner), cell)
}

describe.each(outsideIds)('%s', (id) => {
  test('a new installation begins with it, however many processes start at once', async () => {
    const { settings, as, open } = await make(id, { initialised: false })
    await Promise.all([1, 2, 3].map(() => initialiseKeyStore(settings)))
    await initialiseKeyStore(settings)
    const { rows } = await as('owner', 'SELECT purpose, provider, kek_version FROM keys.data_key ORDER BY 1')
    expect(rows).toEqual(
      ['data-key', 'identity-root', 'index-root'].map((purpose) => ({
        purpose,
        provider: id,
        kek_version: 1,
      })),
    )
    const versions = await as('owner', 'SELECT version, state FROM keys.keyring_version')
    expect(versions.rows).toEqual([{ version: 1, state: 'active' }])
    const [one, two] = [await open(), await open()]
    expect(await readCell(two, 'patient-1', await writeCell(one, 'patient-1'))).toBe('name of patient-1')
    expect((await one.indexKeys()).active).toBe(1)
    expect(await two.health()).toBe('ok')
  })

  test('a cold list of 50 patients asks it once at most', async () => {
    const { open, outside, settings } = await make(id)
    await (await open()).dataKeysForWriting(patients(50))
    const provider = countingProvider(await outside.open(id, settings))
    const cold = await open({}, provider)
    outside.requests(id)
    const lists = await Promise.all([cold.dataKeysFor(patients(50)), cold.dataKeysFor(patients(50))])
    expect(lists.map((list) => list.size)).toEqual([50, 50])
    expect(provider.calls).toEqual({ unwrap: 1 })
    expect(outside.requests(id)).toBeLessThanOrEqual(1)
  })

  test('attack 43: through an outage cached keys serve and health says degraded; others are not to be had; it ends', async () => {
    const { open, outside, provider } = await make(id)
    const store = await open(quick, await provider())
    const cell = await writeCell(store, 'patient-1')
    const index = await store.indexKeys()
    const brief = await open({ ...quick, staleSeconds: 0.5 }, await provider())
    await readCell(brief, 'patient-1', cell)
    await writeCell(await open(), 'patient-2')
    const repair = outside.breakDown(id, 'outage')
    await later(0.25)
    expect(await readCell(store, 'patient-1', cell)).toBe('name of patient-1')
    expect(await store.indexKeys()).toBe(index)
    expect(await store.health()).toBe('degraded')
    await expect(store.dataKeysFor(['patient-2'])).rejects.toBeInstanceOf(KeysUnavailable)
    await expect(store.dataKeyForWriting('patient-3')).rejects.toBeInstanceOf(KeysUnavailable)
    await later(0.5)
    await expect(brief.dataKeysFor(['patient-1']), 'past the limit').rejects.toBeInstanceOf(KeysUnavailable)
    repair()
    await expect.poll(() => readCell(store, 'patient-1', cell).catch(() => undefined), { timeout: 30_000 }).toBe('name of patient-1') // prettier-ignore
    await expect.poll(() => store.health(), { timeout: 30_000 }).toBe('ok')
  })

  test('attack 43: a denial drops what is cached at once, and fails closed until it is taken back', async () => {
    const { open, outside, provider } = await make(id)
    const store = await open(quick, await provider())
    const cell = await writeCell(store, 'patient-1')
    await store.indexKeys()
    const repair = outside.breakDown(id, 'denial')
    await later(0.25)
    await expect(store.dataKeysFor(['patient-1'])).rejects.toBeInstanceOf(KeysUnavailable)
    expect(await store.health()).toBe('denied')
    await expect(store.indexKeys()).rejects.toBeInstanceOf(KeysUnavailable)
    // An outage on top of it finds nothing to serve from.
    repair()
    const again = outside.breakDown(id, 'outage')
    await expect(store.dataKeysFor(['patient-1'])).rejects.toBeInstanceOf(KeysUnavailable)
    again()
    await expect.poll(() => readCell(store, 'patient-1', cell).catch(() => undefined), { timeout: 30_000 }).toBe('name of patient-1') // prettier-ignore
  })

  test('attack 43: a process that starts while it is away serves as soon as it is back', async () => {
    const { open, outside, provider, settings } = await make(id)
    const cell = await writeCell(await open(), 'patient-1')
    const repair = outside.breakDown(id, 'outage')
    await initialiseKeyStore(settings)
    const store = await open(quick, await provider())
    await expect(store.dataKeysFor(['patient-1'])).rejects.toBeInstanceOf(KeysUnavailable)
    expect(await store.health()).toBe('degraded')
    repair()
    await expect.poll(() => readCell(store, 'patient-1', cell).catch(() => undefined), { timeout: 30_000 }).toBe('name of patient-1') // prettier-ignore
  })

  test('attack 49: a version disabled by an operator stops in every process, without a restart', async () => {
    const { open, provider } = await make(id)
    const stores = [await open(), await open()]
    const [one] = stores
    if (!one) throw new Error('no store')
    const cell = await writeCell(one, 'patient-1')
    for (const store of stores) expect(await readCell(store, 'patient-1', cell)).toBe('name of patient-1')
    const operator = await provider()
    await operator.custody.addVersion(AbortSignal.timeout(10_000))
    for (const store of stores) expect(await readCell(store, 'patient-1', cell)).toBe('name of patient-1')
    await operator.custody.setState(1, 'disabled', AbortSignal.timeout(10_000))
    const outcome = (store: KeyStore) => readCell(store, 'patient-1', cell).then(() => 'opens', (error: unknown) => (error instanceof Error && 'code' in error ? error.code : 'unknown')) // prettier-ignore
    for (const store of stores)
      await expect.poll(() => outcome(store), { timeout: 30_000 }).toBe('KEY_DISABLED')
    await operator.custody.setState(1, 'decrypt_only', AbortSignal.timeout(10_000))
    for (const store of stores) await expect.poll(() => outcome(store), { timeout: 30_000 }).toBe('opens')
  })
})

describe.each(outsideIds.filter((id) => id !== 'pkcs11'))('attack 43: %s over a bad network', (id) => {
  test('every other connection breaks: nobody notices', async () => {
    const { open, outside, provider } = await make(id)
    const cells = await Promise.all(patients(6).map(async (owner) => [owner, await writeCell(await open(), owner)] as const)) // prettier-ignore
    const store = await open({ ...quick, freshSeconds: 60 }, await provider())
    for (const [owner, cell] of cells) {
      outside.flap(id, 2)
      expect(await readCell(store, owner, cell)).toBe(`name of ${owner}`)
    }
    expect(await store.health()).toBe('ok')
  })

  test('answers that take two seconds are waited for', async () => {
    const { open, outside, provider } = await make(id)
    const cell = await writeCell(await open(), 'patient-1')
    const store = await open(quick, await provider())
    outside.slow(id, true)
    expect(await readCell(store, 'patient-1', cell)).toBe('name of patient-1')
    outside.slow(id, false)
  })
})
