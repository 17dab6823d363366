import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cellColumn } from '#lib/crypto/cell-column.ts'
import { cellDigest, cellDigestKey } from '#lib/crypto/cell-digest.ts'
import { openCell } from '#lib/crypto/open-cell.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
import { sealCell } from '#lib/crypto/seal-cell.ts'
import type { KeyStore } from '#lib/keys/key-store.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { modelOf } from '#lib/phi/registry.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { currentUnit } from '#lib/phi/unit.ts'
import { verifyCells } from '#lib/phi/verify-cells/verify-cells.ts'
import { writeEffects } from '#lib/phi/write-effects.ts'
import { dumpDatabase } from '#lib/testing/dump-database.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import type { ColumnInTransit } from './column-in-transit.ts'
import { encryptColumn } from './encrypt-column.ts'
import { sealPlainUnit, sealStatements } from './seal-plain-unit.ts'

/*
 * Attack 59: a column that was plain is encrypted while people write to it, some of them by the former release, which knows
 * nothing of a ciphertext. The column is coverage.status; nothing else of the product takes part, so what is written here is
 * what a release would write.
 */
const mark = `plain${randomBytes(6).toString('hex')}`
const status: ColumnInTransit = {
  model: 'Coverage',
  table: 'coverage',
  column: 'status',
  field: 'status',
  cell: cellColumn('coverage.status', 'string', 16),
}
const id = { select: { id: true } } as const

let records: RecordCast
let keys: KeyStore
const patients: string[] = []
/** the last value that was written to each row, by row; each row has one writer */
const expected = new Map<string, { patient: string; value: string }>()

beforeAll(async () => {
  records = await makeRecordCast()
  keys = await processKeyStore()
  for (let number = 0; number < 4; number += 1) patients.push(await records.addPatient())
  for (const patient of patients) await records.change([patient], (record) => addRows(record, patient))
})
afterAll(() => records.close())

async function addRows(record: Within, patient: string) {
  for (let number = 0; number < 8; number += 1) {
    const value = `${mark} first ${number}`
    const row = await record.coverage.create({ data: { patientId: patient, status: value }, ...id })
    expected.set(row.id, { patient, value })
    // An earlier version of the row, with its plain value.
    if (number % 2 === 0) await writeAlone(row.id, `${mark} second ${number}`, record)
  }
}

type Within = Parameters<Parameters<RecordCast['change']>[1]>[0]

/** As the former release writes: the plain value alone. */
async function writeAlone(row: string, value: string, within?: Within): Promise<void> {
  const of = expected.get(row)
  if (!of) throw new Error('no such row')
  const write = (record: Within) =>
    record.coverage.update({ where: { id: row }, data: { status: value }, ...id })
  await (within ? write(within) : records.change([of.patient], write))
  expected.set(row, { ...of, value })
}

/** As the new release writes: the value and its ciphertext in one statement. */
async function writeBoth(row: string, value: string): Promise<void> {
  const of = expected.get(row)
  if (!of) throw new Error('no such row')
  const { patient } = of
  const address = rowAddress(row, patient)
  const sealed = sealCell(await keys.dataKeyForWriting(patient), status.cell, address, value)
  const digest = cellDigest(cellDigestKey(await keys.identityKey()), status.cell, address, sealed)
  await records.change([patient], async () => {
    const unit = currentUnit()
    await writeEffects(unit, [
      {
        action: 'UPDATE', model: modelOf('Coverage'), rowId: row, patient, encrypted: [], plain: ['status'],
        cells: { [status.cell.id]: digest },
      },
    ]) // prettier-ignore
    await unit.connection.query({
      text: 'UPDATE phi.coverage SET status = $2, status_sealed = $3 WHERE id = $1',
      values: [row, value, sealed],
    })
  })
  expected.set(row, { patient, value })
}

/** What a migration does, which runs as the owner of the tables. */
async function migrate(call: string): Promise<void> {
  await records.raw('SET ROLE phi_owner')
  try {
    await records.raw(`SELECT phi.${call}('coverage', 'status')`)
  } finally {
    await records.raw('RESET ROLE')
  }
}

async function opened(row: string, sealed: string | null): Promise<unknown> {
  const patient = expected.get(row)?.patient ?? ''
  const own = (await keys.dataKeysFor([patient])).get(patient)
  return sealed === null || !own ? null : openCell(own, status.cell, rowAddress(row, patient), sealed)
}

/** Rows whose ciphertext does not hold what the plain column holds. */
async function disagreeing(): Promise<string[]> {
  const rows = await records.raw<{ id: string; status: string; status_sealed: string | null }>(
    'SELECT id, status, status_sealed FROM phi.coverage WHERE patient_id = ANY ($1)',
    [patients],
  )
  const wrong: string[] = []
  for (const row of rows) if ((await opened(row.id, row.status_sealed)) !== row.status) wrong.push(row.id)
  return wrong
}

/** Whether a table's own file holds a planted value, as somebody with the disk would look. */
async function onDisk(table: string): Promise<boolean> {
  await records.raw('CHECKPOINT')
  const [row] = await records.raw<{ file: string }>(
    `SELECT current_setting('data_directory') || '/' || pg_relation_filepath('phi.${table}') AS file`,
  )
  return readFileSync(path.resolve(row?.file ?? '')).includes(mark)
}

test('attack 59: while it begins, every row waits, and nothing may be dropped', async () => {
  await migrate('begin_encrypting')
  const [row] = await records.raw<{ waiting: number }>(
    'SELECT count(*)::integer AS waiting FROM phi.coverage WHERE status_pending AND patient_id = ANY ($1)',
    [patients],
  )
  expect(row?.waiting).toBe(expected.size)
  await expect(migrate('drop_plain')).rejects.toMatchObject({ code: '55000' })
})

/** A key store that lets something happen between the reading of plain values and the writing of their ciphertexts. */
const meanwhile = (work: () => Promise<void>): KeyStore => ({
  ...keys,
  dataKeysForWriting: async (owners) => {
    const found = await keys.dataKeysForWriting(owners)
    await work()
    return found
  },
})

test('attack 59: a value that is written while its predecessor is being sealed is not lost', async () => {
  const [row = ''] = expected.keys()
  const patient = expected.get(row)?.patient ?? ''
  const during = meanwhile(() => writeAlone(row, `${mark} in between`))
  await asService('key-rotation', (actor) => sealPlainUnit(actor, during, status, 'rows', [patient], 100))
  const [after] = await records.raw<{
    status: string
    status_sealed: string | null
    status_pending: boolean
  }>('SELECT status, status_sealed, status_pending FROM phi.coverage WHERE id = $1', [row])
  expect(after).toEqual({ status: `${mark} in between`, status_sealed: null, status_pending: true })
})

test('attack 59: control: without the comparison its ciphertext is that of the value before', async () => {
  const [row = ''] = expected.keys()
  const patient = expected.get(row)?.patient ?? ''
  const [defined] = await records.raw<{ source: string }>(
    `SELECT pg_get_functiondef('phi.seal_plain(text, text, text, text, jsonb)'::regprocedure) AS source`,
  )
  await records.raw(
    (defined?.source ?? '')
      .replace('phi.seal_plain(', 'phi.seal_careless(')
      .replaceAll('AND t.version = r.version', ''),
  )
  await records.raw('GRANT EXECUTE ON FUNCTION phi.seal_careless TO phi_job_rotate')
  const careless = { ...sealStatements, write: sealStatements.write.replace('seal_plain', 'seal_careless') }
  const during = meanwhile(() => writeAlone(row, `${mark} overtaken`))
  await asService('key-rotation', (actor) =>
    sealPlainUnit(actor, during, status, 'rows', [patient], 100, careless),
  )
  await records.raw('DROP FUNCTION phi.seal_careless')
  expect(await disagreeing()).toContain(row)
  const [after] = await records.raw<{ sealed: string; pending: boolean }>(
    'SELECT status_sealed AS sealed, status_pending AS pending FROM phi.coverage WHERE id = $1',
    [row],
  )
  expect(after?.pending).toBe(false)
  expect(await opened(row, after?.sealed ?? null)).toBe(`${mark} in between`)
  // What the former release writes next makes it wait again.
  await writeAlone(row, `${mark} mended`)
})

test('attack 59: with writers of both releases at work, no update is lost and no value stays plain', async () => {
  const rows = [...expected.keys()]
  let [former, present, writes] = [true, true, 0]
  const writer = async (number: number) => {
    const own = rows.filter((_row, at) => at % 6 === number)
    for (let round = 0; present; round += 1) {
      const row = own[round % own.length] ?? ''
      const value = `${mark} writer ${number} round ${round}`
      await (former && round % 2 === 0 ? writeAlone(row, value) : writeBoth(row, value))
      writes += 1
    }
  }
  const writers = Array.from({ length: 6 }, (_, number) => writer(number))
  const sealing = Promise.all([0, 1].map(() => encryptColumn(status, 'rows', { keys, settleSeconds: 0.2 })))
  while (writes < 80) await new Promise((resolve) => setTimeout(resolve, 20))
  // The last process of the former release has ended: from here on both are written.
  former = false
  const [one, other] = await sealing
  present = false
  await Promise.all(writers)
  expect(writes).toBeGreaterThanOrEqual(80)
  expect((one?.sealed ?? 0) + (other?.sealed ?? 0)).toBeGreaterThan(rows.length / 2)
  expect(await disagreeing()).toEqual([])
  const stored = await records.raw<{ id: string; status: string; status_pending: boolean }>(
    'SELECT id, status, status_pending FROM phi.coverage WHERE patient_id = ANY ($1)',
    [patients],
  )
  expect(new Map(stored.map((row) => [row.id, row.status]))).toEqual(
    new Map([...expected].map(([row, { value }]) => [row, value])),
  )
  expect(stored.filter((row) => row.status_pending)).toEqual([])
}, 240_000)

test('attack 59: sealing is no new version of a row and leaves none behind', async () => {
  const count = () => records.raw(`SELECT sum(version) AS versions, (SELECT count(*) FROM phi.row_history) AS history FROM phi.coverage`) // prettier-ignore
  const [row = ''] = expected.keys()
  await writeAlone(row, `${mark} once more`)
  const before = await count()
  expect((await encryptColumn(status, 'rows', { keys, settleSeconds: 0 })).sealed).toBe(1)
  expect(await count()).toEqual(before)
})

test('attack 59: after the drop, earlier versions are sealed too, and no plain value is left in any table', async () => {
  const plain = (await dumpDatabase(records)).includes(mark)
  expect(plain, 'control: it is there before').toBe(true)
  await migrate('drop_plain')
  await expect(migrate('end_encrypting')).rejects.toMatchObject({ code: '55000' })
  const { sealed } = await encryptColumn(status, 'history', { keys, settleSeconds: 0 })
  expect(sealed).toBeGreaterThan(expected.size / 2)
  expect((await encryptColumn(status, 'history', { keys, settleSeconds: 0 })).sealed).toBe(0)
  await migrate('end_encrypting')
  expect((await dumpDatabase(records)).includes(mark)).toBe(false)

  const cells = await records.raw<{ row_id: string; cell: string | null }>(
    `SELECT row_id, "row" ->> 'status_sealed' AS cell FROM phi.row_history WHERE table_name = 'coverage' AND patient_id = ANY ($1)`,
    [patients],
  )
  expect(cells.length).toBeGreaterThan(expected.size / 2)
  for (const { row_id: row, cell } of cells) expect(await opened(row, cell)).toMatch(mark)
  const now = await records.raw<{ id: string; status_sealed: string }>(
    'SELECT id, status_sealed FROM phi.coverage WHERE patient_id = ANY ($1)',
    [patients],
  )
  for (const row of now) expect(await opened(row.id, row.status_sealed)).toBe(expected.get(row.id)?.value)
})

test('attack 59: and its bytes leave the disk when the tables are written anew', async () => {
  expect(await onDisk('coverage'), 'control: a dropped column leaves its bytes').toBe(true)
  // A transaction that has not quite ended keeps former versions of rows from being left out: then once more.
  const rewritten = async () => {
    await records.raw('VACUUM FULL phi.coverage')
    await records.raw('VACUUM FULL phi.row_history')
    return [await onDisk('coverage'), await onDisk('row_history')]
  }
  await expect.poll(rewritten, { timeout: 50_000, interval: 250 }).toEqual([false, false])
})

test('attack 59: what was sealed stands in the trail like every other ciphertext', async () => {
  for (const patient of patients) expect((await verifyCells(patient)).findings).toEqual([])
})

test('outside of such a procedure re-encryption turns no plain value into a ciphertext', async () => {
  const [row] = await records.raw<{ refused: boolean }>(
    `SELECT phi.is_sealing('{"kind": "a", "kind_sealed": null, "kind_pending": true}',
       jsonb_build_object('kind', 'a', 'kind_sealed', 'phi1.00000001.' || repeat('A', 40), 'kind_pending', false), 'kind_sealed') AS refused`,
  )
  expect(row?.refused).toBe(false)
})
