import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { env } from '#lib/env.ts'
import { defaultKeyLimits, type KeySettings } from '#lib/keys/key-settings.ts'
import type { KeyStore } from '#lib/keys/key-store.ts'
import type { ProviderId } from '#lib/keys/open-provider.ts'
import { openKeyStore } from '#lib/keys/open-key-store.ts'
import { credentialFile } from '#lib/keys/file/credential.ts'
import { runCommandLine } from '#lib/ops/cli/run-command-line.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { startKmsServer, type KmsServer } from '#lib/testing/kms-server.ts'
import { moveRoot, type RootMoved } from './keys-rotate-root.ts'
import { type KekRotated, rotateKek, type RotateKekOptions } from './rotate-kek.ts'
import { withKeySource } from './with-key-source.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { testDatabase } from '#lib/testing/test-database.ts'

let records: RecordCast
let keystore: pg.Client
let kms: KmsServer
let settings: KeySettings
const patients: string[] = []

beforeAll(async () => {
  kms = await startKmsServer()
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'AKIAVIGILTEST',
    AWS_SECRET_ACCESS_KEY: 'a-secret-for-the-loopback-only',
  })
  settings = { ...env, awsKms: { keyId: kms.makeKey(), region: undefined, endpoint: kms.url } }
  records = await makeRecordCast()
  const { urls } = await testDatabase()
  keystore = new pg.Client({ connectionString: urls.keystore_superuser })
  await keystore.connect()
  for (const familyName of ['Okafor', 'Lindqvist']) patients.push(await records.addPatient({ familyName }))
})
afterAll(async () => {
  await keystore.end()
  await records.close()
  await kms.close()
})

const entries = [
  { verb: 'keys status', usage: '', summary: '', load: () => import('./keys-status.ts') },
  { verb: 'keys rotate', usage: '', summary: '', load: () => import('./keys-rotate.ts') },
  { verb: 'keys rotate-root', usage: '', summary: '', load: () => import('./keys-rotate-root.ts') },
  { verb: 'keys recovery-sheet', usage: '', summary: '', load: () => import('./keys-recovery-sheet.ts') },
  { verb: 'keys restore-keyring', usage: 'FILE', summary: '', load: () => import('./keys-restore-keyring.ts') }, // prettier-ignore
]
const keys = async (...words: string[]) => {
  const said = { out: '', err: '' }
  const status = await runCommandLine(entries, ['keys', ...words], () => ({ ...env, ...settings }), {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
  })
  return { status, ...said }
}
const json = async (...words: string[]): Promise<Record<string, unknown>> => {
  const { status, out, err } = await keys(...words, '--json')
  expect(status, out + err).toBe(0)
  return JSON.parse(out) as Record<string, unknown>
}
const soon = { checkAfterSeconds: 0.05 }
/** The same as the verbs do, without the pause between their two counts. */
const rotate = (options: RotateKekOptions = {}): Promise<KekRotated> =>
  withKeySource({ ...env, ...settings }, (source, own) => rotateKek(source, own, { ...soon, ...options }))
const move = (to: ProviderId): Promise<RootMoved> =>
  withKeySource({ ...env, ...settings }, (source, own) => moveRoot(to, source, own, soon))
/** Events of key work since the last call. */
let seen = 0
const newEvents = async () => {
  const rows = await records.raw<{ event_type: string; actor_role: string; detail: Record<string, unknown> }>(
    `SELECT event_type, actor_role, detail FROM audit.security_event_log
      WHERE event_type ~ '^(KEK_|ROOT_KEY_|RECOVERY_|KEYRING_)' ORDER BY accessed_at, log_id`,
  )
  const fresh = rows.slice(seen)
  seen = rows.length
  return fresh
}
/** A process that has everything cold opens every patient's key. */
const opensAll = async (): Promise<boolean> => {
  const store: KeyStore = await openKeyStore(settings, { ...defaultKeyLimits, freshSeconds: 0 })
  try {
    const found = await store.dataKeysFor(patients)
    await store.indexKeys()
    await store.identityKey()
    return patients.every((patient) => found.get(patient)?.active !== undefined)
  } finally {
    await store.close()
  }
}
const under = async () =>
  (await keystore.query<{ provider: string; kek_version: number }>('SELECT DISTINCT provider, kek_version FROM keys.data_key WHERE wrapped IS NOT NULL ORDER BY 1, 2')).rows // prettier-ignore

describe('keys status', () => {
  test('shows each version of each kind of key with what uses it, and never a key', async () => {
    const status = await json('status')
    expect(status).toMatchObject({
      provider: 'file',
      environment: 'demo',
      providers: [{ provider: 'file', standing: 'current', serial: 1, health: 'ok' }],
      // the organisation's and two patients' data keys, index root and identity root
      keyEncryptionKeys: [{ provider: 'file', version: 1, state: 'active', dataKeys: 5 }],
      dataKeys: [
        { version: 1, state: 'active', keys: 3 },
        { version: 1, state: 'missing', keys: 0 },
      ],
      indexKeys: [{ version: 1, state: 'active' }],
      identityKey: { version: 1 },
    })
    const [{ cells = 0 } = {}] = status['dataKeys'] as { cells?: number }[]
    const [{ tokens = 0 } = {}] = status['indexKeys'] as { tokens?: number }[]
    const counted = await asService(
      'key-rotation',
      async (actor) =>
        (
          await records.cast.sql.worker.query<{ cells: string }>(
            'SELECT sum(cells) AS cells FROM phi.cell_versions($1)',
            [actor.sessionToken],
          )
        ).rows,
    )
    // The cast's two patients were made without keys, so that what they hold is named as what it is.
    const all = status['dataKeys'] as { state: string; cells: number }[]
    expect(all.map((each) => each.state)).toEqual(['active', 'missing'])
    expect(all.reduce((sum, each) => sum + each.cells, 0)).toBeGreaterThanOrEqual(Number(counted[0]?.cells))
    expect(tokens).toBeGreaterThan(0)
    const before = cells
    patients.push(await records.addPatient({ familyName: 'Haddad' }))
    const after = await json('status')
    expect((after['dataKeys'] as { cells: number }[])[0]?.cells).toBeGreaterThan(before)
    expect((after['keyEncryptionKeys'] as unknown[])[0]).toMatchObject({ dataKeys: 6 })
    const shown = (await keys('status')).out
    expect(shown).toMatch(/file +1 +active +\d{4}-\d\d-\d\d +6/)
    const { rows } = await keystore.query<{ wrapped: Buffer }>('SELECT wrapped FROM keys.data_key')
    for (const { wrapped } of rows) expect(shown + JSON.stringify(after)).not.toContain(wrapped.toString('hex').slice(0, 20)) // prettier-ignore
  })
})

describe('keys rotate', () => {
  test(
    'moves every key to a new version, disables the former, and says so',
    { timeout: 240_000 },
    async () => {
      const rotated = await json('rotate')
      expect(rotated).toMatchObject({ provider: 'file', version: 2, moved: 6, refused: 0, left: [0, 0], continued: false, disabled: [1], destroyed: [] }) // prettier-ignore
      expect(await under()).toEqual([{ provider: 'file', kek_version: 2 }])
      expect(await opensAll()).toBe(true)
      expect(await newEvents()).toEqual([
      { event_type: 'KEK_ROTATION_STARTED', actor_role: 'service', detail: { provider: 'file', version: 2 } },
      { event_type: 'KEK_ROTATION_ENDED', actor_role: 'service', detail: { provider: 'file', version: 2, rewrapped: 6, left: 0 } },
    ]) // prettier-ignore
      const text = await keys('rotate', '--throttle', '1000')
      expect(text.status).toBe(0)
      expect(text.out).toContain('Checked twice: 0 keys on the old version.')
      expect(text.out).toContain('recovery sheet')
    },
  )

  test('destroys former versions only when asked to, and only those replaced long enough ago', { timeout: 240_000 }, async () => {
    await newEvents()
    expect(await rotate({ destroyAfterSeconds: 86_400 })).toMatchObject({ version: 4, disabled: [3], destroyed: [] })
    const destroyed = await rotate({ destroyAfterSeconds: 0 })
    expect(destroyed).toMatchObject({ version: 5, destroyed: [1, 2, 3, 4].map((version) => ({ provider: 'file', version })) })
    const events = (await newEvents()).filter((each) => each.event_type === 'KEK_VERSION_DESTROYED')
    expect(events.map((each) => each.detail)).toEqual([1, 2, 3, 4].map((version) => ({ provider: 'file', version })))
    const status = await json('status')
    expect((status['keyEncryptionKeys'] as { state: string }[]).map((each) => each.state)).toEqual(['destroyed', 'destroyed', 'destroyed', 'destroyed', 'active'])
    expect(await opensAll()).toBe(true)
  }) // prettier-ignore

  test('a key that does not open is left alone, told, and keeps the former version in use', { timeout: 240_000 }, async () => {
    const broken = "owner_id = $1 AND purpose = 'data-key'"
    const { rows } = await keystore.query<{ wrapped: Buffer }>(`SELECT wrapped FROM keys.data_key WHERE ${broken}`, [patients[0]])
    await keystore.query(`UPDATE keys.data_key SET wrapped = overlay(wrapped placing '\\x0000'::bytea from 20) WHERE ${broken}`, [patients[0]])
    expect(await rotate()).toMatchObject({ version: 6, refused: 1, left: [1, 1], disabled: [] })
    const refused = await keys('rotate')
    expect(refused.status).toBe(1)
    expect(refused.out).toContain('1 keys are still on an old version')
    // Control: with its bytes as they were the same rotation ends.
    await keystore.query(`UPDATE keys.data_key SET wrapped = $2 WHERE ${broken}`, [patients[0], rows[0]?.wrapped])
    expect(await rotate()).toMatchObject({ version: 6, continued: true, moved: 1, left: [0, 0], disabled: [5] })
    expect(await opensAll()).toBe(true)
  }) // prettier-ignore

  test.each([
    [['x']],
    [['--throttle', '1.5']],
    [['--throttle', 'fast']],
    [['--destroy-old', '30']],
    [['--nonsense']],
    [['--data', '--index']],
    [['--patient', randomUUID()]],
    [['--index', '--retire']],
    [['--anew']],
  ])('%j is wrong usage', async (words) => {
    expect((await keys('rotate', ...words)).status).toBe(2)
  })
})

describe('keys rotate-root', () => {
  test('renews the credential of the file, and the former one opens nothing', async () => {
    await newEvents()
    const file = credentialFile(env.home)
    const former = { credential: readFileSync(file), keyring: readFileSync(env.keyringFile) }
    const renewed = await json('rotate-root')
    expect(renewed).toMatchObject({ provider: 'file' })
    expect(readFileSync(file).equals(former.credential)).toBe(false)
    expect(existsSync(`${file}.next`)).toBe(false)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await opensAll()).toBe(true)
    expect((await newEvents()).map((each) => each.event_type)).toEqual(['ROOT_KEY_RENEWED'])
    const present = { credential: readFileSync(file), keyring: readFileSync(env.keyringFile) }
    // The former credential does not open the new file, and former file and credential together are an older keyring.
    writeFileSync(file, former.credential)
    await expect(opensAll()).rejects.toThrow()
    writeFileSync(env.keyringFile, former.keyring)
    await expect(opensAll()).rejects.toThrow(/older/)
    writeFileSync(file, present.credential)
    writeFileSync(env.keyringFile, present.keyring)
    expect(await opensAll()).toBe(true)
  })

  test('moves to another provider and back; each time the setting has to follow', { timeout: 240_000 }, async () => {
    await newEvents()
    const moved = await json('rotate-root', '--to', 'aws-kms')
    expect(moved).toMatchObject({ provider: 'aws-kms', from: 'file', moved: 6, left: [0, 0], closed: ['file'] })
    expect(await under()).toEqual([{ provider: 'aws-kms', kek_version: 1 }])
    expect((await newEvents()).map((each) => each.event_type)).toEqual(['ROOT_KEY_MOVE_STARTED', 'ROOT_KEY_MOVED'])
    await expect(opensAll()).rejects.toThrow(/set KEY_PROVIDER=aws-kms/)
    settings = { ...settings, keyProvider: 'aws-kms' }
    expect(await opensAll()).toBe(true)
    // The file is not needed any more.
    renameSync(env.keyringFile, `${env.keyringFile}.away`)
    expect(await opensAll()).toBe(true)
    renameSync(`${env.keyringFile}.away`, env.keyringFile)
    expect((await rotate()).version).toBe(2)
    expect((await json('rotate-root'))['provider']).toBe('aws-kms')
    expect((await keys('rotate-root', '--to', 'aws-kms')).err).toContain('with aws-kms already')
    expect((await keys('recovery-sheet', '--out', path.join(env.home, 'no-sheet'))).err).toContain('does not hand it out')
    const back = await move('file')
    expect(back).toMatchObject({ provider: 'file', from: 'aws-kms', moved: 6, left: [0, 0] })
    settings = { ...settings, keyProvider: 'file' }
    expect(await opensAll()).toBe(true)
    expect((await under()).map((each) => each.provider)).toEqual(['file'])
  }) // prettier-ignore

  test('moves back to a file that is gone: a new one, that goes on where the former ended', { timeout: 240_000 }, async () => {
    const before = (await under())[0]?.kek_version ?? 0
    await move('aws-kms')
    settings = { ...settings, keyProvider: 'aws-kms' }
    rmSync(env.keyringFile)
    const back = await move('file')
    settings = { ...settings, keyProvider: 'file' }
    expect(back.version).toBeGreaterThan(before)
    expect(await opensAll()).toBe(true)
  }) // prettier-ignore

  test('does not move while a running process could not follow', async () => {
    const { awsKms: _, ...without } = settings
    const store = await openKeyStore({ ...without, awsKms: undefined })
    const { status, err } = await keys('rotate-root', '--to', 'aws-kms')
    expect(status).toBe(1)
    expect(err).toContain('1 running process of Vigil could not open keys of aws-kms')
    expect(await under()).toHaveLength(1)
    await store.close()
  })

  test.each([[['--to', 'paper']], [['--to']], [['x']]])('%j is wrong usage', async (words) => {
    expect((await keys('rotate-root', ...words)).status).toBe(2)
  })

  test('names the settings that a provider lacks', async () => {
    expect((await keys('rotate-root', '--to', 'vault')).err).toContain('VAULT_ADDR')
  })
})

describe('keys recovery-sheet and restore-keyring', () => {
  test('a keyring that is lost with its credential comes back from the sheet, and everything opens', async () => {
    await newEvents()
    for (const name of [`${randomUUID()}.txt`, `${randomUUID()}.html`]) {
      const sheet = path.join(env.home, name)
      const printed = await json('recovery-sheet', '--out', sheet)
      expect(printed).toMatchObject({ file: sheet })
      expect(statSync(sheet).mode & 0o777).toBe(0o600)
      const secret = readFileSync(credentialFile(env.home), 'utf8').trim()
      expect(JSON.stringify(printed)).not.toContain(secret)
      expect(readFileSync(sheet, 'utf8'), 'the sheet is in letters of its own').not.toContain(secret)
      expect((await keys('restore-keyring', sheet)).err).toContain('move it away first')
      const before = readFileSync(env.keyringFile)
      for (const file of [env.keyringFile, credentialFile(env.home)]) rmSync(file)
      await expect(opensAll()).rejects.toThrow()
      const restored = await json('restore-keyring', sheet)
      expect(restored['serial']).toBe((printed['serial'] as number) + 1)
      expect(await opensAll()).toBe(true)
      for (const file of [env.keyringFile, credentialFile(env.home)]) expect(statSync(file).mode & 0o777).toBe(0o600)
      // The file that was lost, found again, is an older one now.
      const present = readFileSync(env.keyringFile)
      writeFileSync(env.keyringFile, before)
      await expect(opensAll()).rejects.toThrow(/older/)
      writeFileSync(env.keyringFile, present)
    }
    expect((await newEvents()).map((each) => each.event_type)).toEqual(['RECOVERY_SHEET_PRINTED', 'KEYRING_RESTORED', 'RECOVERY_SHEET_PRINTED', 'KEYRING_RESTORED'])
  }) // prettier-ignore

  test(
    'a sheet from before a rotation is refused once keys need what it lacks',
    { timeout: 240_000 },
    async () => {
      const sheet = path.join(env.home, 'old-sheet.txt')
      await json('recovery-sheet', '--out', sheet)
      await rotate()
      const [keyring, credential] = [env.keyringFile, credentialFile(env.home)]
      renameSync(keyring, `${keyring}.away`)
      expect((await keys('restore-keyring', sheet)).err).toContain('The sheet is too old')
      expect(existsSync(keyring)).toBe(false)
      writeFileSync(credential, 'another\n')
      const newest = path.join(env.home, 'newest.txt')
      renameSync(`${keyring}.away`, keyring)
      await expect(keys('recovery-sheet', '--out', newest)).resolves.toMatchObject({ status: 1 })
    },
  )

  test('never goes into a pipe, a log or JSON, nor over another file', async () => {
    await newEvents()
    for (const words of [[], ['--json']])
      expect(await keys('recovery-sheet', ...words)).toMatchObject({ status: 1 })
    const file = path.join(env.home, 'there.txt')
    writeFileSync(file, 'mine')
    await keys('recovery-sheet', '--out', file)
    expect(readFileSync(file, 'utf8')).toBe('mine')
    expect((await keys('restore-keyring', file)).status).toBe(1)
    expect((await keys('restore-keyring')).status).toBe(2)
  })
})
