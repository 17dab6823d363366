import { chmodSync, copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'

import { cellColumn } from '#lib/crypto/cell-column.ts'
import { CryptoError } from '#lib/crypto/crypto-error.ts'
import { addKeyringVersion, changeKeyringState } from '#lib/crypto/keyring.ts'
import { openCell } from '#lib/crypto/open-cell.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
import { sealCell } from '#lib/crypto/seal-cell.ts'
import { keyObjectOf } from '#lib/crypto/secret-key.ts'
import { KeysUnavailable, NotConfigured } from '#lib/errors.ts'
import { env } from '#lib/env.ts'
import {
  countingProvider,
  keyStoreUnderTest,
  type KeyStoreUnderTest,
} from '#lib/testing/key-store-under-test.ts'
import { temporaryKeyring } from '#lib/testing/temporary-keyring.ts'
import { EncryptionCounts } from './encryption-counts.ts'
import { credentialFile } from './file/credential.ts'
import { changeKeyringFile } from './file/keyring-file.ts'
import { defaultKeyLimits } from './key-settings.ts'
import { openKeyPool } from './open-key-pool.ts'
import { initialiseKeyStore } from './initialise-key-store.ts'
import { closeProcessKeyStore, processKeyStore } from './process-key-store.ts'
import type { KeyStore } from './key-store.ts'

let under: KeyStoreUnderTest | undefined
afterEach(async () => {
  await under?.close()
  under = undefined
})
const make = async (options?: { initialised: boolean }) => (under = await keyStoreUnderTest(options))

const column = cellColumn('patient.family-name', 'string')
const rowOf = (owner: string) => rowAddress('11111111-1111-4111-8111-111111111111', owner)
const patients = (count: number) => Array.from({ length: count }, (_, at) => `patient-${at}`)
const later = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

async function until(what: () => Promise<boolean>, seconds = 30): Promise<boolean> {
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    if (await what()) return true
    await later(0.02)
  }
  return false
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: unknown) =>
      error instanceof CryptoError ? error.code : error instanceof Error ? error.name : 'unknown',
  )

describe('initialising', () => {
  test('makes everything once, however often and by however many processes at once', async () => {
    const { settings, as, open } = await make({ initialised: false })
    await expect(open()).rejects.toBeInstanceOf(NotConfigured)
    await Promise.all([1, 2, 3, 4].map(() => initialiseKeyStore(settings)))
    const keyring = readFileSync(settings.keyringFile, 'utf8')
    await initialiseKeyStore(settings)
    expect(readFileSync(settings.keyringFile, 'utf8')).toBe(keyring)
    const { rows } = await as(
      'owner',
      'SELECT purpose, owner_id, version, state FROM keys.data_key ORDER BY 1',
    )
    expect(rows).toEqual(
      ['data-key', 'identity-root', 'index-root'].map((purpose) => ({
        purpose,
        owner_id: 'org:main',
        version: 1,
        state: 'active',
      })),
    )
  })

  test('never makes a new keyring over keys that only the lost one opens', async () => {
    const { settings } = await make()
    rmSync(settings.keyringFile)
    await expect(initialiseKeyStore(settings)).rejects.toBeInstanceOf(NotConfigured)
  })

  test('the process’s own store is opened once and shared', async () => {
    await initialiseKeyStore(env)
    const [one, two] = await Promise.all([processKeyStore(), processKeyStore()])
    expect(one).toBe(two)
    expect((await one.dataKeyForWriting('org:main')).version).toBe(1)
    await closeProcessKeyStore()
  })
})

describe('attack 44: a keyring that does not fit the store stops the start', () => {
  test('older serial', async () => {
    const { settings, open } = await make()
    copyFileSync(settings.keyringFile, `${settings.keyringFile}.old`)
    await changeKeyringFile(settings, (keyring) => addKeyringVersion(keyring, new Date(0)))
    await (await open()).close()
    renameSync(`${settings.keyringFile}.old`, settings.keyringFile)
    await expect(open()).rejects.toThrow(/older/)
  })

  test('the same change without the store’s memory goes unnoticed (control)', async () => {
    const { settings, open } = await make()
    copyFileSync(settings.keyringFile, `${settings.keyringFile}.old`)
    await changeKeyringFile(settings, (keyring) => addKeyringVersion(keyring, new Date(0)))
    // No process opened the newer keyring, so the store never heard of its serial.
    renameSync(`${settings.keyringFile}.old`, settings.keyringFile)
    expect(await (await open()).health()).toBe('ok')
  })

  test('missing version in use', async () => {
    const { settings, open, as } = await make()
    await as('operator', "UPDATE keys.data_key SET kek_version = 9 WHERE purpose = 'data-key'")
    await expect(open()).rejects.toThrow(/lacks version 9/)
    await as('operator', 'UPDATE keys.data_key SET kek_version = 1')
    expect(await (await open()).health()).toBe('ok')
    // A version that was destroyed is as missing as one that is not there.
    await changeKeyringFile(settings, (keyring) =>
      changeKeyringState(addKeyringVersion(keyring, new Date(0)), 2, 'active'),
    )
    await changeKeyringFile(settings, (keyring) => changeKeyringState(keyring, 1, 'disabled'))
    await changeKeyringFile(settings, (keyring) => changeKeyringState(keyring, 1, 'destroyed'))
    await expect(open()).rejects.toThrow(/lacks version 1/)
  })

  test('swapped with staging’s, of the same or another environment', async () => {
    const { settings, open } = await make()
    for (const environment of ['demo', 'production']) {
      const staging = await temporaryKeyring('ring-of-staging', environment)
      writeFileSync(settings.keyringFile, readFileSync(staging.keyringFile))
      writeFileSync(credentialFile(settings.home), readFileSync(credentialFile(staging.home)))
      staging.close()
      await expect(open()).rejects.toBeInstanceOf(NotConfigured)
    }
  })
})

describe('reading and writing', () => {
  test('a page of patients costs one call of the provider when cold, and none when warm', async () => {
    const { open, openProvider } = await make()
    const writer = await open()
    const written = await writer.dataKeysForWriting(patients(100))
    const cells = new Map(
      [...written].map(([owner, key]) => [owner, sealCell(key, column, rowOf(owner), `name of ${owner}`)]),
    )
    const provider = countingProvider(await openProvider())
    const reader = await open({}, provider)
    const keys = await reader.dataKeysFor([...patients(100), 'nobody'])
    expect(provider.calls).toEqual({ unwrap: 1 })
    expect(keys.size).toBe(100)
    for (const [owner, cell] of cells) {
      const own = keys.get(owner)
      if (!own) throw new Error('missing keys')
      expect(openCell(own, column, rowOf(owner), cell)).toBe(`name of ${owner}`)
    }
    await Promise.all(Array.from({ length: 20 }, () => reader.dataKeysFor(patients(100))))
    expect(provider.calls).toEqual({ unwrap: 1 })
  })

  test('many readers of the same patients share one load', async () => {
    const { open, openProvider } = await make()
    await (await open()).dataKeysForWriting(patients(10))
    const provider = countingProvider(await openProvider())
    const reader = await open({}, provider)
    const all = await Promise.all(Array.from({ length: 50 }, () => reader.dataKeysFor(patients(10))))
    expect(all.every((keys) => keys.size === 10)).toBe(true)
    expect(provider.calls).toEqual({ unwrap: 1 })
  })

  test('the cache is bounded in number, and by time', async () => {
    const { open, openProvider } = await make()
    await (await open()).dataKeysForWriting(patients(30))
    const provider = countingProvider(await openProvider())
    const reader = await open({ ownersMax: 10, freshSeconds: 0.2 }, provider)
    for (const owner of patients(30)) await reader.dataKeysFor([owner])
    expect(provider.calls).toEqual({ unwrap: 30 })
    await reader.dataKeysFor(['patient-29'])
    expect(provider.calls).toEqual({ unwrap: 30 })
    await reader.dataKeysFor(['patient-0'])
    expect(provider.calls).toEqual({ unwrap: 31 })
    await later(0.25)
    await reader.dataKeysFor(['patient-0'])
    expect(provider.calls).toEqual({ unwrap: 32 })
  })

  test('first writers of one patient, in several processes at once, end up with one key', async () => {
    const { open, as } = await make()
    const stores = await Promise.all([open(), open(), open()])
    const keys = await Promise.all(
      Array.from({ length: 10 }, () => stores.map((store) => store.dataKeyForWriting('patient-1'))).flat(),
    )
    const cells = keys.map((key) => sealCell(key, column, rowOf('patient-1'), 'x'))
    for (const store of stores) {
      const own = (await store.dataKeysFor(['patient-1'])).get('patient-1')
      if (!own) throw new Error('missing keys')
      for (const cell of cells) expect(openCell(own, column, rowOf('patient-1'), cell)).toBe('x')
    }
    const { rows } = await as(
      'owner',
      "SELECT count(*)::int AS count FROM keys.data_key WHERE owner_id = 'patient-1'",
    )
    expect(rows).toEqual([{ count: 1 }])
  })

  test('a key is committed before it is handed out', async () => {
    const { open, as } = await make()
    const store = await open()
    const key = await store.dataKeyForWriting('patient-1')
    const { rows } = await as(
      'owner',
      "SELECT version, state FROM keys.data_key WHERE owner_id = 'patient-1'",
    )
    expect(rows).toEqual([{ version: key.version, state: 'active' }])
  })

  test('root keys are the same in every process, and are no data keys', async () => {
    const { open } = await make()
    const [one, two] = [await open(), await open()]
    const shown = async (store: KeyStore) =>
      keyObjectOf(await store.identityKey())
        .export()
        .toString('hex')
    expect(await shown(one)).toBe(await shown(two))
    const index = async (store: KeyStore) => {
      const { active, roots } = await store.indexKeys()
      return [...roots].map(
        ([version, root]) => `${active} ${version} ${keyObjectOf(root).export().toString('hex')}`,
      )
    }
    expect(await index(one)).toEqual(await index(two))
    expect(new Set([await shown(one), (await index(one))[0]?.slice(4)]).size).toBe(2)
    expect((await one.dataKeysFor(['identity-root', 'index-root'])).size).toBe(0)
  })
})

describe('encryptions are counted', () => {
  test('across processes, in batches', async () => {
    const { open, as } = await make()
    const stores = [await open({ countSeconds: 0.05 }), await open({ countSeconds: 3600 })]
    for (const store of stores) {
      const key = await store.dataKeyForWriting('patient-1')
      for (let cell = 0; cell < 500; cell += 1) sealCell(key, column, rowOf('patient-1'), 'x')
    }
    const count = async () => {
      const { rows } = await as(
        'owner',
        "SELECT encryptions::int FROM keys.data_key WHERE owner_id = 'patient-1'",
      )
      return Number(rows[0]?.['encryptions'])
    }
    expect(await until(async () => (await count()) === 500)).toBe(true)
    await stores[1]?.close()
    expect(await count()).toBe(1000)
  })

  test('also those under a key that was loaded anew in between, together with those of before', async () => {
    const { open, as } = await make()
    const store = await open({ countSeconds: 3600 })
    for (const cells of [300, 20, 7]) {
      const key = await store.dataKeyForWriting('patient-1')
      for (let cell = 0; cell < cells; cell += 1) sealCell(key, column, rowOf('patient-1'), 'x')
      // As after each message that something about the key has changed, and after each five minutes.
      store.dropCachedKeys('patient-1')
    }
    await store.close()
    const { rows } = await as(
      'owner',
      "SELECT encryptions::int FROM keys.data_key WHERE owner_id = 'patient-1'",
    )
    expect(rows).toEqual([{ encryptions: 327 }])
  })

  test('also those of a key that somebody held over a count before it encrypted anything', async () => {
    const { open, as, settings } = await make()
    const key = await (await open({ countSeconds: 3600 })).dataKeyForWriting('patient-1')
    const database = openKeyPool(settings, defaultKeyLimits)
    try {
      const counts = new EncryptionCounts(database)
      counts.watch(key)
      await counts.add()
      for (let cell = 0; cell < 5; cell += 1) sealCell(key, column, rowOf('patient-1'), 'x')
      await counts.add()
      await counts.add()
    } finally {
      await database.end()
    }
    const { rows } = await as(
      'owner',
      "SELECT encryptions::int FROM keys.data_key WHERE owner_id = 'patient-1'",
    )
    expect(rows).toEqual([{ encryptions: 5 }])
  })

  test('attack 51: reaching the limit makes a new version, once, and old cells open', async () => {
    const { open, as } = await make()
    const limits = { encryptionsMax: 10, countSeconds: 3600 }
    const stores = [await open(limits), await open(limits)]
    const cells: string[] = []
    for (let round = 0; round < 45; round += 1) {
      for (const key of await Promise.all(stores.map((store) => store.dataKeyForWriting('patient-1')))) {
        if (!key.exhausted) cells.push(sealCell(key, column, rowOf('patient-1'), String(cells.length)))
      }
    }
    const { rows } = await as(
      'owner',
      "SELECT version, state FROM keys.data_key WHERE owner_id = 'patient-1' ORDER BY 1",
    )
    expect(rows.length).toBeGreaterThanOrEqual(4)
    expect(rows.map((row) => row['state'])).toEqual([...rows.slice(1).map(() => 'decrypt_only'), 'active'])
    // Versions follow each other without a gap: two processes at the limit made one between them.
    expect(rows.map((row) => row['version'])).toEqual(rows.map((_, at) => at + 1))
    const own = (await (await open()).dataKeysFor(['patient-1'])).get('patient-1')
    if (!own) throw new Error('missing keys')
    expect(cells.map((cell) => openCell(own, column, rowOf('patient-1'), cell))).toEqual(
      cells.map((_, at) => String(at)),
    )
    // Control: a version that nobody replaces refuses.
    const [key] = own.versions
    expect(() => key && sealCell(key, column, rowOf('patient-1'), 'x')).toThrow(CryptoError)
  })
})

describe('keys that are taken out of use', () => {
  test('attack 49: every process stops within a moment of the change', async () => {
    const { open, as } = await make()
    const stores = [await open(), await open()]
    const key = await stores[0]?.dataKeyForWriting('patient-1')
    if (!key) throw new Error('no key')
    const cell = sealCell(key, column, rowOf('patient-1'), 'x')
    const read = async (store: KeyStore) => {
      const own = (await store.dataKeysFor(['patient-1'])).get('patient-1')
      if (!own) throw new Error('missing keys')
      return openCell(own, column, rowOf('patient-1'), cell)
    }
    for (const store of stores) expect(await read(store)).toBe('x')
    await as('operator', "UPDATE keys.data_key SET state = 'disabled' WHERE owner_id = 'patient-1'")
    for (const store of stores)
      expect(await until(async () => (await codeOf(read(store))) === 'KEY_DISABLED')).toBe(true)
    for (const store of stores)
      expect(await codeOf(store.dataKeyForWriting('patient-1'))).toBe('KEY_DISABLED')
  })

  test('attack 49: a process that hears no message stops when its cache is no longer fresh', async () => {
    const { open, openProvider, as } = await make()
    const deaf = countingProvider(await openProvider())
    const store = await open({ freshSeconds: 0.5 }, deaf)
    const longer = await open({ freshSeconds: 3600 })
    const isActive = async (here: KeyStore) =>
      (await here.dataKeysFor(['patient-1'])).get('patient-1')?.active !== undefined
    await store.dataKeyForWriting('patient-1')
    expect(await isActive(longer)).toBe(true)
    // Without its trigger the change is not announced.
    await as('owner', 'ALTER TABLE keys.data_key DISABLE TRIGGER log_data_key')
    await as('operator', "UPDATE keys.data_key SET state = 'disabled' WHERE owner_id = 'patient-1'")
    expect(await until(async () => !(await isActive(store)))).toBe(true)
    expect(await isActive(longer), 'control: a cached key that is fresh still serves').toBe(true)
  })

  test('attack 50: a shredded owner cannot be read, and gets no new key by writing', async () => {
    const { open, as } = await make()
    const store = await open()
    const cell = sealCell(await store.dataKeyForWriting('patient-1'), column, rowOf('patient-1'), 'x')
    await as(
      'operator',
      "UPDATE keys.data_key SET state = 'destroyed', wrapped = NULL WHERE owner_id = 'patient-1'",
    )
    const gone = async () => {
      const own = (await store.dataKeysFor(['patient-1'])).get('patient-1')
      if (!own) throw new Error('missing keys')
      return openCell(own, column, rowOf('patient-1'), cell)
    }
    expect(await until(async () => (await codeOf(gone())) === 'KEY_DESTROYED')).toBe(true)
    expect(await codeOf(store.dataKeyForWriting('patient-1'))).toBe('KEY_DESTROYED')
    // Control: an owner who never had a key gets one.
    expect((await store.dataKeyForWriting('patient-2')).version).toBe(1)
  })

  test('attack 45: wrapped keys swapped between two patients open neither, and disturb nobody else', async () => {
    const { open, as } = await make()
    const owners = ['patient-1', 'patient-2', 'patient-3']
    const keys = await (await open()).dataKeysForWriting(owners)
    const cells = new Map(
      [...keys].map(([owner, key]) => [owner, sealCell(key, column, rowOf(owner), owner)]),
    )
    const swap = () =>
      as(
        'operator',
        `UPDATE keys.data_key AS one SET wrapped = other.wrapped FROM keys.data_key AS other
          WHERE one.purpose = 'data-key' AND other.purpose = 'data-key'
            AND (one.owner_id, other.owner_id) IN (('patient-1', 'patient-2'), ('patient-2', 'patient-1'))`,
      )
    const results = async () => {
      const store = await open()
      const read = await store.dataKeysFor(owners)
      return Promise.all(
        owners.map((owner) =>
          codeOf((async () => {
            const own = read.get(owner)
            if (own) openCell(own, column, rowOf(owner), cells.get(owner) ?? '')
          })()),
        ),
      ) // prettier-ignore
    }
    expect((await swap()).rowCount).toBe(2)
    expect(await results()).toEqual(['KEY_UNREADABLE', 'KEY_UNREADABLE', 'no error'])
    expect(await codeOf((await open()).dataKeyForWriting('patient-1'))).toBe('KEY_UNREADABLE')
    // Control: swapped back, all open.
    await swap()
    expect(await results()).toEqual(['no error', 'no error', 'no error'])
  })

  test('attack 46: two active versions are refused by the store, and by the reader should the store fail to', async () => {
    const { open, as } = await make()
    await (await open()).dataKeyForWriting('patient-1')
    const second = `INSERT INTO keys.data_key (purpose, owner_id, version, state, provider, kek_version, wrapped)
      SELECT purpose, owner_id, 2, 'active', provider, kek_version, wrapped FROM keys.data_key WHERE owner_id = 'patient-1'`
    for (const login of ['vigil_keys', 'owner', 'superuser'] as const) {
      await expect(as(login, second)).rejects.toMatchObject({ code: '23505' })
    }
    // Control: without the index the database takes it.
    await as('owner', 'DROP INDEX keys.data_key_one_active')
    await as('vigil_keys', second)
    // It does not unwrap as version 2, so only one is usable, and the other is reported as what it is.
    const own = (await (await open()).dataKeysFor(['patient-1'])).get('patient-1')
    expect(own?.closed).toEqual(new Map([[2, 'unreadable']]))
  })
})

describe('attack 43: when the key store or the provider fails', () => {
  const quick = { freshSeconds: 0.3, staleSeconds: 60, attemptSeconds: 10, pauseSeconds: 0.1 }

  test('an outage of the database: cached keys serve up to their limit, others are not to be had, and it ends', async () => {
    const { open, stopDatabase } = await make()
    const store = await open(quick)
    await store.dataKeysForWriting(['patient-1', 'patient-2'])
    const index = await store.indexKeys()
    const brief = await open({ ...quick, staleSeconds: 0.5 })
    await brief.dataKeysFor(['patient-1'])
    const repair = await stopDatabase()
    await later(0.35)
    expect((await store.dataKeysFor(['patient-1'])).get('patient-1')?.active?.version).toBe(1)
    expect(await store.indexKeys()).toBe(index)
    expect(await store.health()).toBe('degraded')
    await expect(store.dataKeysFor(['patient-1', 'patient-3'])).rejects.toBeInstanceOf(KeysUnavailable)
    await expect(store.dataKeyForWriting('patient-3')).rejects.toBeInstanceOf(KeysUnavailable)
    await later(0.5)
    await expect(brief.dataKeysFor(['patient-1']), 'past the limit').rejects.toBeInstanceOf(KeysUnavailable)
    await repair()
    expect(await until(async () => (await codeOf(store.dataKeyForWriting('patient-3'))) === 'no error')).toBe(
      true,
    )
    expect(await store.health()).toBe('ok')
  })

  test('a denial by the provider drops what is cached at once', async () => {
    const { settings, open, openProvider } = await make()
    const provider = await openProvider()
    const store = await open(quick, provider)
    await store.dataKeyForWriting('patient-1')
    await store.indexKeys()
    chmodSync(settings.keyringFile, 0o644)
    await later(0.35)
    await expect(store.dataKeysFor(['patient-1'])).rejects.toBeInstanceOf(KeysUnavailable)
    expect(await store.health()).toBe('denied')
    chmodSync(settings.keyringFile, 0o600)
    expect((await store.dataKeysFor(['patient-1'])).size).toBe(1)
    // Control: had it been an outage, the cached key would have served.
    const away = `${settings.keyringFile}.away`
    renameSync(settings.keyringFile, away)
    await later(0.35)
    expect((await store.dataKeysFor(['patient-1'])).size).toBe(1)
    renameSync(away, settings.keyringFile)
  })

  test('a denial by the database does the same', async () => {
    const { open, as } = await make()
    const store = await open(quick)
    await store.dataKeyForWriting('patient-1')
    await as('owner', 'REVOKE SELECT ON keys.data_key FROM vigil_keys')
    await later(0.35)
    await expect(store.dataKeysFor(['patient-1'])).rejects.toBeInstanceOf(KeysUnavailable)
    expect(await store.health()).toBe('denied')
  })

  test('a provider that hangs is given up, and a cold start during an outage says so', async () => {
    const { open, openProvider, stopDatabase } = await make()
    await (await open()).dataKeyForWriting('patient-1')
    const provider = countingProvider(await openProvider())
    const store = await open({ ...quick, attemptSeconds: 1, pauseSeconds: 60 }, provider)
    provider.hang = true
    await expect(store.dataKeysFor(['patient-1'])).rejects.toBeInstanceOf(KeysUnavailable)
    // While it pauses nobody asks it again, or waits for it.
    await expect(store.dataKeysFor(['patient-1'])).rejects.toBeInstanceOf(KeysUnavailable)
    expect(provider.calls['unwrap']).toBe(1)
    await stopDatabase()
    await expect(open(quick)).rejects.toBeInstanceOf(KeysUnavailable)
  })

  test('no error of this layer names an owner or shows what the driver said', async () => {
    const { open, as } = await make()
    const store = await open(quick)
    await store.dataKeyForWriting('patient-canary')
    await as('owner', 'REVOKE SELECT ON keys.data_key FROM vigil_keys')
    await later(0.35)
    const error: unknown = await store.dataKeysFor(['patient-canary']).catch((caught: unknown) => caught)
    if (!(error instanceof KeysUnavailable)) throw new Error('expected a refusal')
    const shown = [error.message, error.publicText, JSON.stringify(error), error.stack].join('\n')
    expect(shown).not.toMatch(/canary|permission denied|data_key/)
  })
})
