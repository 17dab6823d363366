import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { plantRecord } from '#lib/testing/plant-record.ts'
import { granted, makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import type { RecordClient } from '#lib/phi/types.ts'
import { verifyCells, type CellsVerified } from './verify-cells.ts'

/*
 * Attack 09: somebody with the tables in hand puts an old ciphertext back into its own cell. It opens, because nothing about
 * it is wrong but its age; what the trail says about the cell's newest ciphertext gives it away.
 */
let records: RecordCast
beforeAll(async () => {
  records = await makeRecordCast()
})
afterAll(() => records.close())

const at = new Date('2026-03-01T10:00:00Z')
const result = (patientId: string, display: string) =>
  ({ patientId, kind: 'laboratory', status: 'final', effectiveAt: at, display, note: 'a note' }) as const
const id = { select: { id: true } } as const

/** Writes past every safeguard: no triggers, no row security, as whoever owns the server could. */
async function behindTheDoor(text: string, values: unknown[] = []): Promise<void> {
  await records.raw("SET session_replication_role = 'replica'")
  try {
    await records.raw(text, values)
  } finally {
    await records.raw("SET session_replication_role = 'origin'")
  }
}

const found = ({ findings }: CellsVerified) =>
  findings.map(({ kind, column, model, rowId }) => `${kind} ${column ?? model} ${rowId}`).toSorted()

async function cellsOf(patient: string): Promise<number> {
  const tables = await records.raw<{ table: string; columns: string[] }>(
    `SELECT c.relname AS "table", array_agg(a.attname::text) AS columns FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relnamespace = 'phi'::regnamespace AND a.atttypid = 'phi.ciphertext'::regtype GROUP BY 1`,
  )
  let count = 0
  for (const { table, columns } of tables) {
    const [row] = await records.raw<{ count: number }>(
      `SELECT coalesce(sum(num_nonnulls(${columns.map((name) => `"${name}"`).join()})), 0)::integer AS count
         FROM phi."${table}" WHERE ${table === 'patient' ? 'id' : 'patient_id'} = $1`,
      [patient],
    )
    count += row?.count ?? 0
  }
  return count
}

describe('every cell that is written has its digest in the trail', () => {
  type Write = (record: RecordClient, patient: string, author: string) => Promise<unknown>
  const version = (title: string, number: number, authorId: string) =>
    ({ number, status: 'draft', authorId, writtenAt: at, title, body: title }) as const
  const newNote = (record: RecordClient, patient: string, authorId: string) =>
    record.note.create({
      data: {
        patientId: patient,
        class: 'clinical',
        status: 'draft',
        authorId,
        authoredAt: at,
        noteVersions: { create: version('one', 1, authorId) },
      },
      select: { id: true, noteVersions: { take: 5, select: { id: true } } },
    })
  const newResult = (record: RecordClient, patient: string) =>
    record.observation.create({ data: result(patient, 'before'), ...id })
  const writes: Record<string, Write> = {
    'every field of every model': (record, patient) =>
      plantRecord(record, patient, randomUUID(), (n) => `text ${n}`),
    create: newResult,
    createMany: (record, patient) =>
      record.observation.createMany({ data: [result(patient, 'a'), result(patient, 'b')] }),
    createManyAndReturn: (record, patient) =>
      record.observation.createManyAndReturn({ data: [result(patient, 'a')], ...id }),
    update: async (record, patient) => {
      const row = await newResult(record, patient)
      await record.observation.update({
        where: { id: row.id },
        data: { display: 'after', value: '7' },
        ...id,
      })
    },
    'update to null': async (record, patient) => {
      const row = await newResult(record, patient)
      await record.observation.update({ where: { id: row.id }, data: { note: null }, ...id })
    },
    'updateMany to null': async (record, patient) => {
      const row = await newResult(record, patient)
      await record.observation.updateMany({ where: { id: row.id }, data: { note: null } })
    },
    'updateManyAndReturn to null': async (record, patient) => {
      const row = await newResult(record, patient)
      await record.observation.updateManyAndReturn({ where: { id: row.id }, data: { note: null }, ...id })
    },
    'upsert that creates': (record, patient) =>
      record.observation.upsert({
        where: { id: randomUUID() }, create: result(patient, 'made'), update: { display: 'not taken' }, ...id,
      }), // prettier-ignore
    'upsert that updates': async (record, patient) => {
      const row = await newResult(record, patient)
      await record.observation.upsert({
        where: { id: row.id }, create: result(patient, 'not taken'), update: { display: 'after' }, ...id,
      }) // prettier-ignore
    },
    'nested create': newNote,
    'nested createMany, create, update, updateMany, upsert and connectOrCreate': async (
      record,
      patient,
      author,
    ) => {
      const note = await newNote(record, patient, author)
      const first = note.noteVersions[0]?.id ?? ''
      const change = (noteVersions: object) =>
        record.note.update({ where: { id: note.id }, data: { noteVersions } as never, ...id })
      await change({ create: [version('two', 2, author), version('three', 3, author)] })
      await change({ update: { where: { id: first }, data: { title: 'changed', reason: 'why' } } })
      await change({
        upsert: [
          { where: { id: first }, update: { body: 'changed' }, create: version('not taken', 9, author) },
          { where: { id: randomUUID() }, update: { body: 'not taken' }, create: version('four', 4, author) },
        ],
      })
      await change({ updateMany: { where: { number: 1 }, data: { reason: null } } })
      await change({
        connectOrCreate: { where: { id: randomUUID() }, create: version('five', 5, author) },
        create: [version('six', 6, author)],
      })
      const encounter = await record.encounter.create({
        data: {
          patientId: patient,
          status: 'finished',
          startedAt: at,
          display: 'visit',
          observations: { createMany: { data: [{ ...result('', 'in a visit'), patientId: undefined }] } },
        } as never,
        ...id,
      })
      expect(encounter.id).toBeTypeOf('string')
    },
    'a parent that is changed by way of its child': async (record, patient) => {
      const encounter = await record.encounter.create({
        data: { patientId: patient, status: 'finished', startedAt: at, display: 'visit' }, ...id,
      }) // prettier-ignore
      const row = await record.observation.create({
        data: { ...result(patient, 'x'), encounterId: encounter.id },
        ...id,
      })
      await record.observation.update({
        where: { id: row.id }, data: { encounter: { update: { reason: 'why', display: 'changed' } } }, ...id,
      }) // prettier-ignore
    },
  }

  test.each(Object.entries(writes))('attack 09: %s', async (_name, write) => {
    const patient = await records.addPatient({ familyName: 'Writer' })
    await records.change([patient], (record) => write(record, patient, randomUUID()))
    await expectCovered(patient)
  })

  const removals: Record<string, Write> = {
    delete: async (record, patient, author) => {
      const note = await newNote(record, patient, author)
      await record.noteVersion.delete({ where: { id: note.noteVersions[0]?.id ?? '' }, ...id })
    },
    deleteMany: async (record, patient, author) => {
      const note = await newNote(record, patient, author)
      await record.noteVersion.deleteMany({ where: { noteId: note.id } })
    },
    'nested delete': async (record, patient, author) => {
      const note = await newNote(record, patient, author)
      const noteVersions = { delete: { id: note.noteVersions[0]?.id ?? '' } }
      await record.note.update({ where: { id: note.id }, data: { noteVersions }, ...id })
    },
    'nested deleteMany and update of the same row': async (record, patient, author) => {
      const note = await newNote(record, patient, author)
      const noteVersions = { updateMany: { where: {}, data: { reason: null } }, deleteMany: { number: 1 } }
      await record.note.update({ where: { id: note.id }, data: { noteVersions }, ...id })
    },
    'delete, and another row of the same id': async (record, patient, author) => {
      const note = await newNote(record, patient, author)
      const again = { ...version('again', 1, author), id: note.noteVersions[0]?.id ?? '' }
      await record.noteVersion.delete({ where: { id: again.id }, ...id })
      await record.note.update({ where: { id: note.id }, data: { noteVersions: { create: again } }, ...id })
    },
  }

  test.each(Object.entries(removals))('attack 09: %s', async (_name, write) => {
    const author = records.actors.clinician
    const patient = await records.addPatient({ familyName: 'Writer' }, author)
    const access = { view: 'note-writing', action: 'DELETE', patients: [patient] } as const
    await granted(author, access, (record) => write(record, patient, author.accountId))
    await expectCovered(patient)
  })

  async function expectCovered(patient: string): Promise<void> {
    const verified = await verifyCells(patient)
    expect(verified).toEqual({ patients: 1, cells: await cellsOf(patient), findings: [], uncovered: {} })
    expect(verified.cells).toBeGreaterThan(0)
  }

  test('control: where the digests are missing, as many cells are not covered', async () => {
    const patient = await records.addPatient({ familyName: 'Before', givenName: 'Digests' })
    await behindTheDoor('UPDATE audit.patient_phi_audit_log SET cell_digests = NULL WHERE patient_id = $1', [
      patient,
    ])
    expect(await verifyCells(patient)).toMatchObject({
      cells: 2,
      findings: [],
      uncovered: { 'patient.family-name': 1, 'patient.given-name': 1 },
    })
  })
})

describe('attack 09: cells changed behind the door', () => {
  const patientWithResult = async () => {
    const patient = await records.addPatient({ familyName: 'Target' }, records.actors.nurse)
    const row = await records.change([patient], (record) =>
      record.observation.create({ data: result(patient, 'penicillin'), ...id }),
    )
    return { patient, row: row.id }
  }
  const cell = async (row: string, column = 'display') => {
    const [stored] = await records.raw<{ cell: string }>(
      `SELECT ${column} AS cell FROM phi.observation WHERE id = $1`,
      [row],
    )
    return stored?.cell ?? ''
  }
  const put = (row: string, text: string | null, column = 'display') =>
    behindTheDoor(`UPDATE phi.observation SET ${column} = $2 WHERE id = $1`, [row, text])
  const update = (patient: string, row: string, data: { display?: string; note?: string | null }) =>
    records.change([patient], (record) => record.observation.update({ where: { id: row }, data, ...id }))
  const read = (patient: string, row: string) =>
    granted(records.actors.nurse, { view: 'chart-summary', action: 'READ', patients: [patient] }, (record) =>
      record.observation.findUnique({ where: { id: row }, select: { display: true } }),
    )

  test('attack 09: yesterday’s ciphertext put back opens, and is found and named', async () => {
    const { patient, row } = await patientWithResult()
    const yesterday = await cell(row)
    await update(patient, row, { display: 'none' })
    expect((await verifyCells(patient)).findings).toEqual([])
    await put(row, yesterday)
    expect(await read(patient, row)).toEqual({ display: 'penicillin' })
    expect(found(await verifyCells(patient))).toEqual([`REPLAYED observation.display ${row}`])
    // Control: with today's in its place again nothing is found, so it was the ciphertext and nothing else.
    await update(patient, row, { display: 'none' })
    expect((await verifyCells(patient)).findings).toEqual([])
  })

  test('attack 09: a value that was cleared is put back', async () => {
    const { patient, row } = await patientWithResult()
    const before = await cell(row, 'note')
    await update(patient, row, { note: null })
    await put(row, before, 'note')
    expect(found(await verifyCells(patient))).toEqual([`REPLAYED observation.note ${row}`])
  })

  test('attack 09: a whole row is put back that was removed', async () => {
    const author = records.actors.clinician
    const patient = await records.addPatient({ familyName: 'Target' }, author)
    const access = { view: 'note-writing', action: 'DELETE', patients: [patient] } as const
    const version = randomUUID()
    const note = { class: 'clinical', status: 'draft', authorId: author.accountId, authoredAt: at } as const
    const text = { id: version, number: 1, status: 'draft', authorId: author.accountId, writtenAt: at, title: 't', body: 'b' } // prettier-ignore
    await granted(author, access, (record) =>
      record.note.create({ data: { patientId: patient, ...note, noteVersions: { create: text } }, ...id }),
    )
    await records.raw(`CREATE TEMPORARY TABLE kept AS SELECT * FROM phi.note_version WHERE id = '${version}'`)
    await granted(author, access, (record) => record.noteVersion.delete({ where: { id: version }, ...id }))
    expect((await verifyCells(patient)).findings).toEqual([])
    await behindTheDoor('INSERT INTO phi.note_version SELECT * FROM kept')
    expect(found(await verifyCells(patient))).toEqual([
      `REPLAYED note-version.body ${version}`,
      `REPLAYED note-version.title ${version}`,
    ])
  })

  test('a ciphertext that never was in the cell, a cell that was emptied, a row that was taken away', async () => {
    const { patient, row } = await patientWithResult()
    const [other, gone] = [await patientWithResult(), await patientWithResult()]
    await put(row, await cell(other.row))
    await put(row, null, 'note')
    await behindTheDoor('DELETE FROM phi.observation WHERE id = $1', [gone.row])
    expect(found(await verifyCells(patient))).toEqual([
      `ALTERED observation.display ${row}`,
      `REMOVED observation.note ${row}`,
    ])
    expect(found(await verifyCells(gone.patient))).toEqual([`REMOVED Observation ${gone.row}`])
    expect((await verifyCells(other.patient)).findings).toEqual([])
  })

  test('a cell that was never filled holds something', async () => {
    const { patient, row } = await patientWithResult()
    await put(row, await cell(row), 'method')
    expect(found(await verifyCells(patient))).toEqual([`ALTERED observation.method ${row}`])
  })

  test('an entry about another patient says nothing about a row', async () => {
    const { patient, row } = await patientWithResult()
    const other = await records.addPatient()
    await behindTheDoor(
      `UPDATE audit.patient_phi_audit_log SET cell_digests = cell_digests || jsonb_build_object($2::text, '{"observation.display": "AAAAAAAAAAAAAAAA"}'::jsonb)
        WHERE patient_id = $1 AND cell_digests IS NOT NULL`,
      [other, row],
    )
    const verified = await verifyCells(undefined)
    expect(verified.findings.filter((finding) => finding.patientId === patient)).toEqual([])
    expect(found(verified)).toContain(`REMOVED Observation ${row}`)
    await behindTheDoor('DELETE FROM audit.patient_phi_audit_log WHERE patient_id = $1', [other])
  })

  test('all patients at once: each finding, a patient who is gone, and events that name places and no values', async () => {
    const one = await patientWithResult()
    const lost = await records.addPatient({ familyName: 'Lost' })
    const yesterday = await cell(one.row)
    await update(one.patient, one.row, { display: 'none' })
    await put(one.row, yesterday)
    await behindTheDoor('DELETE FROM phi.patient WHERE id = $1', [lost])
    const seen: number[] = []
    const verified = await verifyCells(undefined, (done, total) => seen.push(done / total))
    expect(found(verified)).toEqual(
      expect.arrayContaining([`REPLAYED observation.display ${one.row}`, `REMOVED Patient ${lost}`]),
    )
    expect(seen.at(-1)).toBe(1)
    const events = await records.raw<{
      event_type: string
      detail: Record<string, unknown>
      actor_role: string
    }>(
      `SELECT event_type, detail, actor_role FROM audit.security_event_log
        WHERE event_type = 'CELL_EXCHANGED' AND detail ->> 'row_id' = ANY ($1)`,
      [[one.row, lost]],
    )
    expect(events).toContainEqual({
      event_type: 'CELL_EXCHANGED',
      actor_role: 'service',
      detail: {
        kind: 'REPLAYED', model: 'Observation', column: 'observation.display', row_id: one.row, patient_id: one.patient,
      }, // prettier-ignore
    })
    expect(events).toHaveLength(2)
    expect(JSON.stringify([verified, events])).not.toMatch(/phi1|penicillin/)
    const [run] = await records.raw<{ detail: object }>(
      `SELECT detail FROM audit.security_event_log WHERE event_type = 'CELLS_VERIFIED' ORDER BY seq DESC LIMIT 1`,
    )
    expect(run?.detail).toMatchObject({ cells: verified.cells, patients: verified.patients })
    await behindTheDoor('DELETE FROM audit.patient_phi_audit_log WHERE patient_id = $1', [lost])
  })
})

describe('who may ask for digests', () => {
  test('nobody without an admission of the job that re-encrypts', async () => {
    const refused = { code: '42501' }
    await expect(records.cast.sql.app.query('SELECT * FROM audit.cell_digests()')).rejects.toMatchObject(
      refused,
    )
    const { worker } = records.cast.sql
    await expect(worker.query('SELECT * FROM audit.cell_digests()')).rejects.toMatchObject(refused)
    await worker.query('BEGIN')
    await worker.query('SET LOCAL ROLE phi_job_rotate')
    await expect(worker.query('SELECT * FROM audit.cell_digests()')).rejects.toMatchObject(refused)
    await worker.query('ROLLBACK')
    await worker.query('BEGIN')
    await worker.query('SET LOCAL ROLE phi_job_import')
    await expect(worker.query('SELECT * FROM audit.cell_digests()')).rejects.toMatchObject(refused)
    await worker.query('ROLLBACK')
  })

  test('only a job lists patients or reports about cells', async () => {
    const token = records.actors.admin.sessionToken
    const calls = [
      'SELECT * FROM audit.all_patients($1, NULL, 5)',
      'SELECT * FROM audit.lost_patients($1)',
      'SELECT audit.count_patients($1)',
      `SELECT audit.cells_verified($1, '{}', '[]')`,
    ]
    for (const call of calls) {
      await expect(records.cast.sql.worker.query(call, [token])).rejects.toMatchObject({ code: '42501' })
      await expect(records.cast.sql.app.query(call, [token])).rejects.toMatchObject({ code: '42501' })
    }
  })

  test('control: the same functions answer a job', async () => {
    const { worker } = records.cast.sql
    const { rows } = await worker.query<{ token: string }>(
      `SELECT app.service_session_open('key-rotation') AS token`,
    )
    const listed = await worker.query('SELECT * FROM audit.all_patients($1, NULL, 5)', [rows[0]?.token])
    expect(listed.rows.length).toBeGreaterThan(0)
  })
})
