import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { format, inspect } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { DataKey } from '#lib/crypto/data-keys.ts'
import { keyObjectOf } from '#lib/crypto/secret-key.ts'
import { keysIn } from '#lib/testing/key-spellings.ts'
import { keyStoreUnderTest } from '#lib/testing/key-store-under-test.ts'
import { outsideIds, outsideProviders } from '#lib/testing/outside-providers.ts'
import type { KeyStore } from './key-store.ts'

/*
 * Keys come from each provider in another way: out of a file, out of answers over HTTP in base64, out of a token. However
 * they came, nothing of them may be left where it can be printed or dumped.
 */
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})
const patients = Array.from({ length: 30 }, (_, at) => `patient-${at}`)

async function make(id: 'file' | (typeof outsideIds)[number]) {
  const outside = await outsideProviders()
  cleanups.push(() => outside.close())
  const under = await keyStoreUnderTest({ settings: { keyProvider: id, ...outside.settings } })
  cleanups.push(() => under.close())
  const store = await under.open()
  await store.dataKeysForWriting(patients)
  return { settings: under.settings, store, outside }
}

async function bytesOf(store: KeyStore): Promise<Buffer[]> {
  const owners = [...(await store.dataKeysFor(patients)).values()]
  const index = await store.indexKeys()
  return [
    ...owners.flatMap((keys) => keys.versions.map((key) => DataKey.toOpen(key, 'test').export())),
    ...[...index.roots.values()].map((key) => keyObjectOf(key).export()),
    keyObjectOf(await store.identityKey()).export(),
  ]
}

/** A process that gets all keys, does something more, and leaves V8's heap and Node's report behind. */
async function dumpedBy(settings: object, meanwhile: string): Promise<Buffer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'vigil-key-memory-'))
  cleanups.push(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'heap.heapsnapshot')
  const script = `
    import { writeHeapSnapshot } from 'node:v8'
    import { appendFileSync } from 'node:fs'
    const { openKeyStore } = await import('#lib/keys/open-key-store.ts')
    const { DataKey } = await import('#lib/crypto/data-keys.ts')
    const store = await openKeyStore(${JSON.stringify(settings)})
    const patients = ${JSON.stringify(patients)}
    const keys = await store.dataKeysFor(patients)
    if (keys.size !== patients.length) throw new Error('not all keys came')
    await store.indexKeys()
    await store.identityKey()
    ${meanwhile}
    globalThis.gc()
    writeHeapSnapshot(${JSON.stringify(file)})
    appendFileSync(${JSON.stringify(file)}, JSON.stringify(process.report.getReport()))
    globalThis.kept?.toString()
    process.exit(0)`
  const options = ['--expose-gc', '--report-exclude-env', '--import', 'tsx', '--conditions=react-server']
  // Not synchronous: the servers that it asks are in this process.
  const child = spawn(process.execPath, [...options, '--input-type=module', '-e', script], {
    cwd: path.resolve(import.meta.dirname, '../..'),
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(said)
  return readFileSync(file)
}

describe.each(['file', ...outsideIds] as const)('keys from %s', (id) => {
  test('attack 53: are in no heap snapshot and in no report of a process that has them', async () => {
    const { settings, store } = await make(id)
    const dump = await dumpedBy(settings, '')
    expect(dump.length).toBeGreaterThan(5_000_000)
    const bytes = await bytesOf(store)
    expect(bytes).toHaveLength(patients.length + 2)
    expect(keysIn(dump, bytes)).toEqual([])
  }, 240_000)

  test('attack 55: are printed by nothing that holds them, the store and the provider among it', async () => {
    const { settings, store, outside } = await make(id)
    const provider = id === 'file' ? undefined : await outside.open(id, settings)
    const keys = await store.dataKeysFor(patients)
    const printed = [
      store,
      provider,
      keys,
      await store.indexKeys(),
      await store.identityKey(),
      new Error('x', { cause: store }),
    ]
      .map((value) =>
        [
          inspect(value, {
            depth: 20,
            showHidden: true,
            getters: true,
            maxArrayLength: null,
            maxStringLength: null,
          }),
          format('%o %O %s', value, value, value),
          JSON.stringify(value ?? null, (_key, each: unknown) =>
            typeof each === 'function' ? undefined : each,
          ),
        ].join('\n'),
      )
      .join('\n')
    expect(printed).toContain('[key')
    expect(keysIn(Buffer.from(printed), await bytesOf(store))).toEqual([])
  }, 240_000)
})

test('attack 53: control: one key of one patient, kept as text, is found', async () => {
  const { settings, store } = await make('file')
  const careless = `globalThis.kept = DataKey.toOpen(keys.get('patient-7').active, 'x').export().toString('hex')`
  expect(keysIn(await dumpedBy(settings, careless), await bytesOf(store))).toEqual(['hex'])
}, 240_000)
