import { afterEach, describe, expect, test } from 'vitest'

import { KeysUnavailable } from '#lib/errors.ts'
import { faultyNetwork, type FaultyNetwork } from '#lib/testing/faulty-network.ts'
import {
  countingProvider,
  keyStoreUnderTest,
  type KeyStoreUnderTest,
} from '#lib/testing/key-store-under-test.ts'
import type { KeyProvider } from './key-provider.ts'
import { defaultKeyLimits, keyLeaseSeconds, type KeyLimits } from './key-settings.ts'
import type { KeyStore } from './key-store.ts'
import { openKeyStore } from './open-key-store.ts'

/*
 * A key that went out of use must be out of use everywhere within the lease. Here the lease is short and everything else
 * long, so that only the lease can be what ended the key's use.
 */
const leaseSeconds = 2
const limits: KeyLimits = { ...defaultKeyLimits, leaseSeconds, pauseSeconds: 0.1, attemptSeconds: 2 }

let under: KeyStoreUnderTest
let network: FaultyNetwork
const toClose: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of toClose.splice(0).toReversed()) await each.close()
})

/** A key store, and a network of its own to it. */
async function start(): Promise<void> {
  under = await keyStoreUnderTest()
  toClose.push(under)
  network = await faultyNetwork(under.settings.keystoreUrl ?? '')
  toClose.push(network)
}

/** A process that reaches the key store over that network, with a cached key of patient-1. */
async function open(replaced: Partial<KeyLimits> = {}, provider?: KeyProvider): Promise<KeyStore> {
  const settings = { ...under.settings, keystoreUrl: network.url }
  const store = await openKeyStore(settings, { ...limits, ...replaced }, provider)
  toClose.push(store)
  await store.dataKeyForWriting('patient-1')
  return store
}

const later = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))
const destroy = () =>
  under.as(
    'operator',
    "UPDATE keys.data_key SET state = 'destroyed', wrapped = NULL WHERE owner_id = 'patient-1'",
  )

const isReadable = async (store: KeyStore) =>
  (await store.dataKeysFor(['patient-1'])).get('patient-1')?.active !== undefined

/** What is shown right after a destruction, unless this machine slept in between: part of the lease was over before. */
async function staysReadable(store: KeyStore, since: number): Promise<boolean> {
  const readable = await isReadable(store)
  return readable || performance.now() - since > leaseSeconds * 250
}

const isShut = async (store: KeyStore) => !(await isReadable(store))

/**
 * Waits until something is so, much longer than the lease and much shorter than a cached key would otherwise live. What
 * throws is not so.
 */
async function comesTrue(what: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + 45_000
  while (performance.now() < end) {
    if (await what().catch(() => false)) return true
    await later(0.02)
  }
  return false
}

const fails = (work: Promise<unknown>) =>
  work.then(
    () => false,
    (error: unknown) => error instanceof KeysUnavailable,
  )

const isOverTls = () => !network.url.includes('host=')

test('the lease of a running process is seconds', () => {
  expect(keyLeaseSeconds).toBeLessThanOrEqual(10)
  expect(limits.freshSeconds).toBeGreaterThan(60)
})

describe('attack 49–50: a key that was destroyed is out of use within the lease', () => {
  test('where nothing is broken: by the message alone', async () => {
    await start()
    const store = await open({ leaseSeconds: 3600 })
    await destroy()
    expect(await comesTrue(() => isShut(store))).toBe(true)
  })

  test('when the server ended the listening connection, what was missed is made good', async () => {
    await start()
    const store = await open({ leaseSeconds: 3600 })
    const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE starts_with(application_name, 'vigil key changes') AND datname = current_database()`
    expect((await under.as('superuser', cut)).rowCount).toBe(1)
    await destroy()
    expect(await comesTrue(() => isShut(store))).toBe(true)
    expect(await comesTrue(async () => (await store.health()) === 'ok')).toBe(true)
  })

  test('when a firewall forgot the connections and says so to nobody', async () => {
    await start()
    const store = await open()
    const before = network.made
    const since = performance.now()
    network.forgetConnections()
    await destroy()
    expect(await staysReadable(store, since), 'control: nothing has told the process').toBe(true)
    expect(await comesTrue(() => isShut(store))).toBe(true)
    expect(await comesTrue(async () => (await store.health()) === 'ok')).toBe(true)
    expect(network.made).toBeGreaterThan(before)
  })

  test('when messages get lost on a connection that lives', async ({ skip }) => {
    await start()
    if (isOverTls()) skip('inside TLS no single message can be taken away')
    const store = await open()
    const since = performance.now()
    network.swallowNotifications()
    await destroy()
    expect(await staysReadable(store, since), 'control: the message did not arrive').toBe(true)
    expect(await comesTrue(() => isShut(store))).toBe(true)
    // Deaf for good it says so, and still works: it asks the store again each lease.
    expect(await comesTrue(async () => (await store.health()) === 'degraded')).toBe(true)
    expect((await store.dataKeyForWriting('patient-2')).version).toBe(1)
  })

  test('attack 48: cut off from the key store, a process stops writing after the lease and reading after a stated time', async () => {
    await start()
    const store = await open({ cutOffSeconds: 15 })
    network.swallowAll()
    await destroy()
    expect(await comesTrue(() => fails(store.dataKeyForWriting('patient-1')))).toBe(true)
    expect(await isReadable(store), 'control: reading goes on').toBe(true)
    expect(await comesTrue(() => fails(store.dataKeysFor(['patient-1'])))).toBe(true)
    network.repair()
    expect(await comesTrue(async () => (await store.dataKeyForWriting('patient-2')).version === 1)).toBe(true)
    expect(await isReadable(store)).toBe(false)
  })
})

test('attack 43: through an outage of the provider a process that hears goes on, except with the key that changed', async () => {
  await start()
  const provider = countingProvider(await under.openProvider())
  const store = await open({ freshSeconds: 0.2 }, provider)
  await store.dataKeyForWriting('patient-2')
  provider.hang = true
  await later(leaseSeconds + 0.5)
  expect((await store.dataKeyForWriting('patient-2')).version).toBe(1)
  expect(await isReadable(store)).toBe(true)
  await destroy()
  expect(await comesTrue(async () => (await fails(store.dataKeysFor(['patient-1']))) || isShut(store))).toBe(
    true,
  )
  expect((await store.dataKeyForWriting('patient-2')).version).toBe(1)
})
