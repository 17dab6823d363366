import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keyStoreUnderTest, type KeyStoreUnderTest } from '#lib/testing/key-store-under-test.ts'
import { ProviderDenial, ProviderOutage, type KeyProvider } from './key-provider.ts'
import { keyringRecord } from './keyring-record.ts'
import type { KeySource } from './load-keys.ts'
import { makeFirstKeys } from './make-keys.ts'
import { beginKekRotation, disableFormerVersions, moveKeys } from './move-keys.ts'
import { openKeySource } from './open-key-source.ts'
import { addStoredVersion, changeStoredState } from './stored-keyring.ts'

let under: KeyStoreUnderTest
let source: KeySource & { close: () => Promise<void> }
beforeEach(async () => {
  under = await keyStoreUnderTest()
  source = await openKeySource(under.settings)
  await makeFirstKeys(source, 'data-key', ['patient-1', 'patient-2'], signal())
})
afterEach(async () => {
  await source.close()
  await under.close()
})

const signal = () => AbortSignal.timeout(20_000)
const options = { attemptSeconds: 10, checkAfterSeconds: 0.05, onProgress: () => undefined }
const rowOf = async (owner: string) =>
  (await under.as('owner', 'SELECT state, kek_version, wrapped FROM keys.data_key WHERE owner_id = $1', [owner])).rows[0] as  // prettier-ignore
    { state: string; kek_version: number; wrapped: Buffer | null } | undefined

/** A source whose provider does something else first. */
function sourceWith(provider: KeyProvider): KeySource {
  const find: KeySource['providers']['find'] = (id, given) =>
    id === provider.id ? Promise.resolve(provider) : source.providers.find(id, given)
  return { ...source, providers: { ...source.providers, current: () => Promise.resolve(provider), find } }
}

describe('a key is rewrapped by compare and swap', () => {
  test('one that was destroyed between reading and writing stays destroyed, and the others are moved', async () => {
    const target = await beginKekRotation(source, signal())
    const slow: KeyProvider = {
      ...target.provider,
      async rewrap(batch, given) {
        const answers = await target.provider.rewrap(batch, given)
        await under.as('operator', "UPDATE keys.data_key SET state = 'destroyed', wrapped = NULL WHERE owner_id = 'patient-1'") // prettier-ignore
        return answers
      },
    }
    const moved = await moveKeys(sourceWith(slow), { ...target, provider: slow }, options)
    expect(moved.left).toEqual([0, 0])
    expect(await rowOf('patient-1')).toMatchObject({ state: 'destroyed', wrapped: null })
    expect(await rowOf('patient-2')).toMatchObject({ state: 'active', kek_version: target.version })
  })

  test('one that another operator moved further is not taken back; written without comparing it would be', async () => {
    const target = await beginKekRotation(source, signal())
    const before = await rowOf('patient-1')
    let overtaken = false
    const slow: KeyProvider = {
      ...target.provider,
      async rewrap(batch, given) {
        const answers = await target.provider.rewrap(batch, given)
        if (overtaken) return answers
        overtaken = true
        const version = await target.provider.custody.addVersion(given)
        await moveKeys(source, { provider: target.provider, version }, options)
        return answers
      },
    }
    const moved = await moveKeys(sourceWith(slow), { ...target, provider: slow }, options)
    expect(moved).toMatchObject({ moved: 0, left: [0, 0] })
    const after = await rowOf('patient-1')
    expect(after?.kek_version).toBe(target.version + 1)
    // Control: a writer that does not compare takes it back, until the door is closed; then the store refuses.
    const naive = "UPDATE keys.data_key SET kek_version = $1, wrapped = $2 WHERE owner_id = 'patient-1'"
    await expect(under.as('operator', naive, [1, before?.wrapped])).rejects.toMatchObject({ constraint: 'wrapped_by_current' }) // prettier-ignore
    await under.as('owner', 'ALTER TABLE keys.data_key DISABLE TRIGGER guard_wrapping')
    await under.as('operator', naive, [1, before?.wrapped])
    expect((await rowOf('patient-1'))?.kek_version).toBe(1)
  })

  test('two operators at once share one version and the work', async () => {
    const owners = Array.from({ length: 450 }, (_, at) => `patient-${at + 10}`)
    await makeFirstKeys(source, 'data-key', owners, signal())
    const rotations = await Promise.all([
      beginKekRotation(source, signal()),
      beginKekRotation(source, signal()),
    ])
    expect(rotations.map((each) => each.version)).toEqual([2, 2])
    expect(rotations.map((each) => each.continued).toSorted()).toEqual([false, true])
    const moved = await Promise.all(rotations.map((target) => moveKeys(source, target, options)))
    expect(moved.map((each) => each.left)).toEqual([[0, 0], [0, 0]]) // prettier-ignore
    expect(moved.reduce((sum, each) => sum + each.moved, 0)).toBe(450 + 5)
    const disabled = await Promise.all(
      rotations.map((target) => disableFormerVersions(target.provider, 2, signal())),
    )
    expect(disabled.flat()).toContain(1)
    // Finished: the next one is a new one.
    expect(await beginKekRotation(source, signal())).toMatchObject({ version: 3, continued: false })
  })
})

describe('a process that looked before a rotation ended', () => {
  test('cannot store a key under the old version, wraps it anew, and the count stays 0', async () => {
    const target = await beginKekRotation(source, signal())
    const before = (await rowOf('patient-1'))?.wrapped
    const stale = await target.provider.wrap([], signal())
    expect(stale).toEqual([])
    let wraps = 0
    const late: KeyProvider = {
      ...target.provider,
      async wrap(batch, given) {
        wraps += 1
        const wrapped = await target.provider.wrap(batch, given)
        // Its first look was before the rotation; what it wrapped is any bytes under version 1.
        return wraps > 2 ? wrapped : wrapped.map((each) => ({ ...each, version: 1 }))
      },
    }
    const moved = await moveKeys(source, target, options)
    expect(moved.left).toEqual([0, 0])
    await makeFirstKeys(sourceWith(late), 'data-key', ['patient-9'], signal())
    expect(wraps).toBe(3)
    expect((await rowOf('patient-9'))?.kek_version).toBe(target.version)
    expect((await rowOf('patient-1'))?.wrapped?.equals(before ?? Buffer.alloc(0))).toBe(false)
  })

  test('that never sees the new version is told so, and stores nothing', async () => {
    const target = await beginKekRotation(source, signal())
    await moveKeys(source, target, options)
    const deaf: KeyProvider = {
      ...target.provider,
      wrap: async (batch, given) =>
        (await target.provider.wrap(batch, given)).map((each) => ({ ...each, version: 1 })),
    }
    await expect(makeFirstKeys(sourceWith(deaf), 'data-key', ['patient-9'], signal())).rejects.toBeInstanceOf(ProviderOutage) // prettier-ignore
    expect(await rowOf('patient-9')).toBeUndefined()
    // Control: before the rotation the same would have been stored.
    await under.as('owner', 'ALTER TABLE keys.data_key DISABLE TRIGGER guard_wrapping')
    await makeFirstKeys(sourceWith(deaf), 'data-key', ['patient-9'], signal())
    expect((await rowOf('patient-9'))?.kek_version).toBe(1)
  })
})

test('attack 45: a made-up or unknown provider spoils nobody else’s key', async () => {
  await under.as('owner', 'ALTER TABLE keys.data_key DISABLE TRIGGER guard_wrapping')
  for (const provider of ['made-up', 'vault']) {
    await under.as('owner', "UPDATE keys.data_key SET provider = $1 WHERE owner_id = 'patient-1'", [provider])
    const store = await under.open()
    const keys = await store.dataKeysFor(['patient-1', 'patient-2'])
    expect(keys.get('patient-1')?.closed.get(1), provider).toBe('unreadable')
    expect(keys.get('patient-2')?.active?.version, provider).toBe(1)
  }
})

describe('the record of a keyring in the key store', () => {
  const database = () => source.database
  const setUp = async () => {
    await under.as('owner', "INSERT INTO keys.keyring_state (keyring_id, environment, provider, serial, standing) SELECT keyring_id, environment, 'vault', 1, 'arriving' FROM keys.keyring_state") // prettier-ignore
    return keyringRecord(database(), 'vault')
  }
  const made = (keyRef: string) => ({ createdAt: new Date(0).toISOString(), keyRef, wrapped: new Uint8Array([1, 2, 3]) }) // prettier-ignore

  test('changes whole, one operator after the other, with a serial that rises', async () => {
    const [one, two] = [await setUp(), keyringRecord(database(), 'vault')]
    await Promise.all([one, two, one, two].map((record, at) => record.change((ring) => addStoredVersion(ring, made(`key-${at}`)), signal()))) // prettier-ignore
    const ring = await one.read(signal())
    expect(ring.serial).toBe(5)
    expect(ring.versions.map((each) => [each.version, each.state])).toEqual([[1, 'decrypt_only'], [2, 'decrypt_only'], [3, 'decrypt_only'], [4, 'active']]) // prettier-ignore
    expect(new Set(ring.versions.map((each) => each.keyRef)).size).toBe(4)
    const same = await one.change((present) => present.versions, signal())
    expect(same.serial).toBe(5)
    await one.change((present) => changeStoredState(present, 1, 'disabled'), signal())
    const destroyed = await one.change((present) => changeStoredState(present, 1, 'destroyed'), signal())
    expect(destroyed.versions[0]).toMatchObject({
      version: 1,
      state: 'destroyed',
      wrapped: null,
      keyRef: expect.stringMatching(/^key-[01]$/),
    })
  })

  test('a change is lost whole when somebody changed the record past the lock', async () => {
    const record = await setUp()
    const changing = record.change(async (ring) => {
      await under.as('operator', "UPDATE keys.keyring_state SET serial = serial + 1 WHERE provider = 'vault'")
      return addStoredVersion(ring, made('key'))
    }, signal())
    await expect(changing).rejects.toBeInstanceOf(ProviderOutage)
    expect((await record.read(signal())).versions).toEqual([])
  })

  test('an older record put back is refused by whoever saw the newer, and by the store itself', async () => {
    const record = await setUp()
    await record.change((ring) => addStoredVersion(ring, made('key')), signal())
    const back = "UPDATE keys.keyring_state SET serial = 1 WHERE provider = 'vault'"
    await expect(under.as('superuser', back)).rejects.toMatchObject({ code: '23514' })
    await under.as('owner', 'ALTER TABLE keys.keyring_state DISABLE TRIGGER guard_keyring_state')
    await under.as('owner', back)
    await expect(record.read(signal())).rejects.toBeInstanceOf(ProviderDenial)
    // Control: a process that never saw the newer one cannot know.
    expect((await keyringRecord(database(), 'vault').read(signal())).serial).toBe(1)
  })

  test.each([
    ["UPDATE keys.keyring_version SET state = 'active', wrapped = 'x' WHERE version = 1", '23514'],
    ["UPDATE keys.keyring_version SET wrapped = 'x' WHERE version = 1", '23514'],
    ["UPDATE keys.keyring_version SET wrapped = NULL WHERE version = 2", '23514'],
    ["UPDATE keys.keyring_version SET state = 'destroyed', wrapped = NULL WHERE version = 2", '23514'],
    ['UPDATE keys.keyring_version SET version = 9 WHERE version = 2', '23514'],
    ["INSERT INTO keys.keyring_version (provider, version, state, created_at) VALUES ('vault', 3, 'active', now())", '23505'],
    ["INSERT INTO keys.keyring_version (provider, version, state, created_at) VALUES ('nobody', 1, 'active', now())", '23503'],
    ['DELETE FROM keys.keyring_version', '42501'],
    ['TRUNCATE keys.keyring_version', '42501'],
  ])('no login may: %s', async (statement, code) => {
    const record = await setUp()
    for (const keyRef of ['a', 'b']) await record.change((ring) => addStoredVersion(ring, made(keyRef)), signal())
    for (const state of ['disabled', 'destroyed'] as const) await record.change((ring) => changeStoredState(ring, 1, state), signal())
    for (const login of ['owner', 'superuser'] as const)
      await expect(under.as(login, statement)).rejects.toMatchObject({ code })
  }) // prettier-ignore

  test('every change leaves its line, and tells every process', async () => {
    const record = await setUp()
    await record.change((ring) => addStoredVersion(ring, made('key')), signal())
    const { rows } = await under.as('owner', "SELECT kind, provider, kek_version, state_after FROM keys.key_event WHERE kind LIKE 'KEYRING_VERSION%'") // prettier-ignore
    expect(rows).toEqual([{ kind: 'KEYRING_VERSION_CREATED', provider: 'vault', kek_version: 1, state_after: 'active' }]) // prettier-ignore
  })
})
