import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cellColumn } from '#lib/crypto/cell-column.ts'
import { cellDigest, cellDigestKey } from '#lib/crypto/cell-digest.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { fakeCiphertext } from '#lib/testing/door-cast.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { rotationUnderTest, type RotationUnderTest } from '#lib/testing/rotate-for-test.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { verifyCells } from './verify-cells.ts'

let records: RecordCast
let second: pg.Client
let rotation: RotationUnderTest
beforeAll(async () => {
  records = await makeRecordCast()
  second = new pg.Client({ connectionString: (await testDatabase()).urls.worker })
  await second.connect()
  rotation = await rotationUnderTest()
})
afterAll(async () => {
  await second.end()
  await rotation.close()
  await records.close()
})

const id = { select: { id: true } } as const
const display = cellColumn('observation.display', 'string')

async function patientWithResult() {
  const patient = await records.addPatient({ familyName: 'Busy' })
  const row = await records.change([patient], (record) =>
    record.observation.create({
      data: { patientId: patient, kind: 'laboratory', status: 'final', display: 'first', note: 'first' },
      ...id,
    }),
  )
  return { patient, row: row.id }
}

/** `recorded`: its entry stands in the trail, so far as its transaction is concerned */
type Begun = { recorded: Promise<unknown>; write: () => Promise<unknown>; commit: () => Promise<unknown> }

/** A change of one cell in its two steps, so that another one can come in between: its entry in the trail, then the cell. */
async function beginChange(client: pg.Client, token: string, patient: string, row: string): Promise<Begun> {
  const request = randomUUID()
  const fields = JSON.stringify({ Observation: ['display'] })
  await client.query(
    `SELECT * FROM audit.admit($1, $2, 'UPDATE', 'import', $3, $4, NULL, NULL, NULL, NULL, NULL)`,
    [token, request, fields, [patient]],
  )
  const cell = fakeCiphertext()
  const key = cellDigestKey(await (await processKeyStore()).identityKey())
  const digest = cellDigest(key, display, rowAddress(row, patient), cell)
  await client.query('BEGIN')
  await client.query(
    `SELECT set_config('role', 'phi_job_import', true), set_config('vigil.request', $1, true)`,
    [request],
  )
  const effect = client.query(`SELECT audit.effect($1, 'UPDATE', 'Observation', '{display}', '{}', $2, $3)`, [
    patient,
    row,
    JSON.stringify({ [row]: { 'observation.display': digest } }),
  ])
  // Whoever has to wait is looked at by the test, not awaited here.
  effect.catch(() => undefined)
  return {
    recorded: effect,
    write: async () => {
      await effect
      await client.query('UPDATE phi.observation SET display = $2 WHERE id = $1', [row, cell])
    },
    commit: () => client.query('COMMIT'),
  }
}

async function waitingForLocks(): Promise<number> {
  const [row] = await records.raw<{ count: number }>(
    `SELECT count(*)::integer AS count FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  )
  return row?.count ?? 0
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}

async function serviceToken(): Promise<string> {
  const { rows } = await records.cast.sql.worker.query<{ token: string }>(
    `SELECT app.service_session_open('import') AS token`,
  )
  return rows[0]?.token ?? ''
}

test('two changes of one cell stand in the trail in the order in which they took place', async () => {
  const { patient, row } = await patientWithResult()
  const token = await serviceToken()
  const one = await beginChange(records.cast.sql.worker, token, patient, row)
  await one.recorded
  const other = await beginChange(second, token, patient, row)
  await until(async () => (await waitingForLocks()) === 1)
  await one.write()
  await one.commit()
  await other.write()
  await other.commit()
  expect((await verifyCells(patient)).findings).toEqual([])
})

test('control: without the lock the second comes first, and a finding is false', async () => {
  const { patient, row } = await patientWithResult()
  const token = await serviceToken()
  const [defined] = await records.raw<{ source: string }>(
    `SELECT pg_get_functiondef('audit.effect(uuid, text, text, text[], text[], uuid, jsonb)'::regprocedure) AS source`,
  )
  const source = defined?.source ?? ''
  const careless = source.replace(/PERFORM pg_advisory_xact_lock\([^;]*;/, 'NULL;')
  expect(careless).not.toBe(source)
  await records.raw(careless)
  try {
    const one = await beginChange(records.cast.sql.worker, token, patient, row)
    await one.recorded
    const other = await beginChange(second, token, patient, row)
    await other.write()
    await other.commit()
    await one.write()
    await one.commit()
    expect((await verifyCells(patient)).findings).toMatchObject([{ kind: 'REPLAYED', rowId: row }])
  } finally {
    await records.raw(source)
  }
})

test('no false finding while eight writers and a rotation of keys are at work', async () => {
  const targets = await Promise.all([patientWithResult(), patientWithResult(), patientWithResult()])
  const patients = targets.map(({ patient }) => patient)
  let writing = true
  let changes = 0
  let conflicts = 0
  const writer = async (number: number) => {
    for (let round = 0; writing; round += 1) {
      const { patient, row } = targets[(number + round) % targets.length] ?? { patient: '', row: '' }
      const note = round % 3 === 0 ? null : `note ${number} ${round}`
      try {
        await records.change([patient], async (record) => {
          await record.observation.update({
            where: { id: row },
            data: { display: `${number} ${round}`, note },
            ...id,
          })
          if (round % 4 === 0)
            await record.observation.updateMany({ where: { patientId: patient }, data: { value: null } })
          if (round % 10 === 0)
            await record.observation.create({
              data: {
                patientId: patient,
                kind: 'laboratory',
                status: 'final',
                display: 'another',
                value: '1',
              },
              ...id,
            })
        })
        changes += 1
      } catch {
        conflicts += 1
      }
    }
  }
  const writers = Array.from({ length: 8 }, (_, number) => writer(number))
  const seen: unknown[] = []
  let cells = 0
  let rotating = true
  const rotations = rotateUntil(() => !rotating, patients)
  // As often as it takes for enough to have happened meanwhile.
  for (let round = 0; round < 12 || changes <= 50; round += 1) {
    for (const patient of patients) {
      const verified = await verifyCells(patient)
      seen.push(...verified.findings)
      cells += verified.cells
    }
  }
  rotating = false
  await rotations
  writing = false
  await Promise.all(writers)
  for (const patient of patients) seen.push(...(await verifyCells(patient)).findings)
  expect(seen).toEqual([])
  expect(cells).toBeGreaterThan(200)
  expect(conflicts).toBe(0)
}, 240_000)

/** Renews the keys of these patients one after the other, again and again, until more than a hundred cells were re-encrypted. */
async function rotateUntil(ended: () => boolean, patients: readonly string[]): Promise<void> {
  let resealed = 0
  for (let at = 0; !ended() || resealed <= 100; at += 1) {
    const report = await rotation.rotate({ patient: patients[at % patients.length] })
    resealed += report.resealed
  }
}
