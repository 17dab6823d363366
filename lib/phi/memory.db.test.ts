import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DataKey } from '#lib/crypto/data-keys.ts'
import { keyObjectOf } from '#lib/crypto/secret-key.ts'
import { env } from '#lib/env.ts'
import { readKeyringFile } from '#lib/keys/file/keyring-file.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { keysIn } from '#lib/testing/key-spellings.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'

/*
 * A process that serves records, and what can be written out of its memory: V8's heap (snapshot) and Node's diagnostic report.
 * The process under test is a child, so that this one may know the keys: it looks for them in what the child left.
 */
const folder = mkdtempSync(path.join(tmpdir(), 'vigil-memory-'))
const canary = `zq${randomBytes(12).toString('hex')}`
let records: RecordCast
let maria: string
let keys: Buffer[]

beforeAll(async () => {
  records = await makeRecordCast()
  maria = await records.addPatient({ familyName: canary })
  const store = await processKeyStore()
  const ofMaria = (await store.dataKeysFor([maria])).get(maria)
  const dataKeys = (ofMaria?.versions ?? []).map((key) => DataKey.toOpen(key, 'test').export())
  const roots = [...(await store.indexKeys()).roots.values()].map((key) => keyObjectOf(key).export())
  const keyring = await readKeyringFile(env)
  const wrapping = keyring.versions.flatMap(({ key }) => (key === null ? [] : [keyObjectOf(key).export()]))
  keys = [...dataKeys, ...roots, ...wrapping]
  if ([dataKeys, roots, wrapping].some((kind) => kind.length === 0))
    throw new Error('a kind of key is missing')
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await records.close()
})

/** Runs a process that reads and writes Maria's record, does something more, and leaves a snapshot and a report. */
function leaveBehind(name: string, meanwhile: string): { found: string[]; bytes: number; values: number } {
  const [heap, report] = [path.join(folder, `${name}.heapsnapshot`), path.join(folder, `${name}.json`)]
  const script = `
    import { writeHeapSnapshot } from 'node:v8'
    import { writeFileSync } from 'node:fs'
    const { asService } = await import('#lib/phi/service-actor.ts')
    const { withRecord } = await import('#lib/phi/with-record.ts')
    const access = { view: 'import', action: 'UPDATE', patients: ['${maria}'] }
    const select = { familyName: true }
    const serve = () => asService('import', (actor) => withRecord(actor, access, async (record) => {
      const where = { id: '${maria}' }
      const row = await record.patient.findUnique({ where, select })
      await record.patient.update({ where, data: { familyName: row.familyName, preferredName: 'anew' }, select: { id: true } })
      return row.familyName.length
    }))
    const outcome = await serve()
    if (outcome.value !== ${canary.length}) throw new Error('the record was not read')
    ${meanwhile}
    globalThis.gc()
    writeHeapSnapshot(${JSON.stringify(heap)})
    writeFileSync(${JSON.stringify(report)}, JSON.stringify(process.report.getReport()))
    globalThis.kept?.toString()
    process.exit(0)`
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      '--expose-gc',
      '--report-exclude-env',
      '--import',
      'tsx',
      '--conditions=react-server',
      '--input-type=module',
      '-e',
      script,
    ],
    {
      cwd: path.resolve(import.meta.dirname, '../..'),
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  )
  expect(stderr).toBe('')
  expect(status).toBe(0)
  const files = [heap, report].map((file) => readFileSync(file))
  const found = files.flatMap((content, at) =>
    keysIn(content, keys).map((spelling) => `${at === 0 ? 'heap' : 'report'}: ${spelling}`),
  )
  const [heapContent = Buffer.alloc(0), reportContent = Buffer.alloc(0)] = files
  expect(reportContent.includes('javascriptHeap')).toBe(true)
  return { found, bytes: heapContent.length, values: Number(heapContent.includes(canary)) }
}

test('attack 53: no key is in a heap snapshot or a report of a process that serves, and no value after its request', () => {
  const { found, bytes, values } = leaveBehind('serving', '')
  expect(bytes).toBeGreaterThan(5_000_000)
  expect(found).toEqual([])
  expect(values).toBe(0)
}, 240_000)

test('attack 53: control: a key that was exported as text, and a value of a request under way, are found', () => {
  const { found, values } = leaveBehind(
    'careless',
    `const { processKeyStore } = await import('#lib/keys/process-key-store.ts')
     const { DataKey } = await import('#lib/crypto/data-keys.ts')
     const keys = (await (await processKeyStore()).dataKeysFor(['${maria}'])).get('${maria}')
     const actorsRow = await asService('import', (actor) =>
       withRecord(actor, access, (record) => record.patient.findUnique({ where: { id: '${maria}' }, select })))
     globalThis.kept = [DataKey.toOpen(keys.active, 'x').export().toString('hex'), actorsRow.value.familyName]`,
  )
  expect(found).toEqual(['heap: hex'])
  expect(values).toBe(1)
}, 240_000)
