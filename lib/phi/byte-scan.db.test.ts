import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { plantRecord, type Planted } from '#lib/testing/plant-record.ts'

/*
 * Requirement D1: what lies on disk. 200 values and more, in every encrypted column there is, are looked for byte by byte
 * in the data directory with its write-ahead log and in a full COPY of every table; as they are, in hex and in base64.
 */
const mark = `zq${randomBytes(6).toString('hex')}`
let records: RecordCast
let planted: Planted[] = []
let dataDirectory = ''
let ownFolder = ''
beforeAll(async () => {
  records = await makeRecordCast()
  for (let round = 0; planted.length < 200; round += 1) {
    const patient = await records.addPatient({ familyName: `${mark}-family` })
    const written = await records.change([patient], (record) =>
      plantRecord(record, patient, records.actors.nurse.accountId, (n) => `${mark}-${round}-${n}`),
    )
    planted = [...planted, ...written]
  }
  const [row] = await records.raw<{ data_directory: string }>('SHOW data_directory')
  dataDirectory = row?.data_directory ?? ''
  const [own] = await records.raw<{ folder: string }>(
    "SELECT 'base/' || oid AS folder FROM pg_database WHERE datname = current_database()",
  )
  ownFolder = own?.folder ?? ''
  await records.raw('CHECKPOINT')
})
afterAll(() => records.close())

function needles(): Buffer[] {
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.from('x'.repeat(shift) + mark)
      .toString('base64')
      .slice(4, -4),
  )
  const numbers = planted.filter(({ value }) => typeof value === 'number').map(({ value }) => String(value))
  return [mark, Buffer.from(mark).toString('hex'), ...base64, ...numbers].map((text) => Buffer.from(text))
}

/**
 * Everything in the data directory but the databases of other tests, which are hundreds, hold nothing of what was planted here, and
 * come and go meanwhile.
 */
function filesOfServer(folder = ''): string[] {
  return readdirSync(path.join(dataDirectory, folder), { withFileTypes: true }).flatMap((entry) => {
    const below = path.join(folder, entry.name)
    if (entry.isFile()) return [path.join(dataDirectory, below)]
    return entry.isDirectory() && (folder !== 'base' || below === ownFolder) ? filesOfServer(below) : []
  })
}

function scan(files: readonly string[]): { bytes: number; hits: string[] } {
  const wanted = needles()
  const hits: string[] = []
  let bytes = 0
  for (const file of files) {
    const content = readIfThere(file)
    if (!content) continue
    bytes += content.length
    for (const needle of wanted)
      if (content.includes(needle)) hits.push(`${path.basename(file)}: ${needle.toString()}`)
  }
  return { bytes, hits }
}

/** A file may go away while the server runs. */
function readIfThere(file: string): Buffer | null {
  try {
    return readFileSync(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

async function copyEveryTable(): Promise<string[]> {
  const tables = await records.raw<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('app', 'phi', 'audit') AND c.relkind = 'r'`,
  )
  const files: string[] = []
  for (const { name } of tables) {
    const file = path.join(dataDirectory, `copy-${mark}-${name}`)
    await records.raw(`COPY ${name} TO '${file}'`)
    files.push(file)
  }
  expect(files.length).toBeGreaterThan(30)
  return files
}

test('no planted value is in the data directory or its write-ahead log', () => {
  expect(planted.length).toBeGreaterThanOrEqual(200)
  expect(new Set(planted.map(({ model, field }) => `${model}.${field}`)).size).toBeGreaterThan(100)
  const files = filesOfServer()
  expect(files.some((file) => file.includes('pg_wal'))).toBe(true)
  expect(files.some((file) => file.includes(`${ownFolder}/`))).toBe(true)
  const { bytes, hits } = scan(files)
  expect(bytes).toBeGreaterThan(10_000_000)
  expect(hits).toEqual([])
})

test('no planted value is in a COPY of any table', async () => {
  const files = await copyEveryTable()
  try {
    expect(scan(files).hits).toEqual([])
  } finally {
    for (const file of files) rmSync(file)
  }
})

test('control: the values are there for those who may read them', async () => {
  const [{ model, id, field, value }] = planted.filter(
    (each) => each.model === 'Observation' && each.field === 'display',
  ) as [Planted]
  const [owner] = await records.raw<{ patient_id: string }>(
    'SELECT patient_id FROM phi.observation WHERE id = $1',
    [id],
  )
  const row = await records.change(
    [owner?.patient_id ?? ''],
    (record) => record.observation.findUnique({ where: { id }, select: { display: true } }),
    { action: 'READ' },
  )
  expect([model, field, row?.display]).toEqual(['Observation', 'display', value])
})

test('control: a value planted in a plain column is found in both places', async () => {
  await records.raw('UPDATE app.care_team SET name = $1', [`${mark}-${randomBytes(4).toString('hex')}`])
  await records.raw('CHECKPOINT')
  expect(scan(filesOfServer()).hits).not.toEqual([])
  const files = await copyEveryTable()
  expect(scan(files).hits.map((hit) => hit.slice(0, hit.indexOf(':')))).toEqual([
    `copy-${mark}-app.care_team`,
  ])
  for (const file of files) rmSync(file)
})
