import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { asUnit, fakeCiphertext, makeDoorCast, type Cast } from '#lib/testing/door-cast.ts'

// What would be lost if these failed: rotation would be a way to change a record without a version, a history or a name.

let cast: Cast
let token: string
beforeAll(async () => {
  cast = await makeDoorCast()
})
beforeEach(async () => {
  const opened = await cast.sql.worker.query<{ token: string }>(
    `SELECT app.service_session_open('key-rotation') AS token`,
  )
  token = opened.rows[0]?.token ?? ''
})
afterAll(() => cast.close())

const fields = { Observation: ['value', 'display'], NoteVersion: ['title', 'body'] }
const later = (): string => fakeCiphertext().replace('00000001', '00000002')

/** Works as the role of rotation, admitted to Maria, with effect rows for the models; what it did is taken back. */
async function asRotation(
  work: (query: (text: string, values?: unknown[]) => Promise<unknown>) => Promise<unknown>,
) {
  const request = randomUUID()
  await cast.sql.worker.query(
    `SELECT * FROM audit.admit($1, $2, 'UPDATE', 'key-rotation', $3, $4, NULL, NULL, NULL, NULL, NULL)`,
    [token, request, JSON.stringify(fields), [cast.maria]],
  )
  const undone = new Error('done, and taken back')
  await asUnit(cast.sql.worker, 'phi_job_rotate', request, async (unit) => {
    for (const model of ['Observation', 'NoteVersion', 'RowHistory'])
      await unit.query(`SELECT audit.effect($1, 'UPDATE', $2, '{}', '{row}', NULL)`, [cast.maria, model])
    await work((text, values = []) => unit.query(text, values))
    throw undone
  }).catch((error: unknown) => {
    if (error !== undone) throw error
  })
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  )

describe('the role of rotation', () => {
  test('exchanges a ciphertext for one of a later key version, in a signed note too', async () => {
    expect(
      await codeOf(
        asRotation(async (query) => {
          await query('UPDATE phi.observation SET value = $1 WHERE patient_id = $2', [later(), cast.maria])
          await query('UPDATE phi.note_version SET body = $1 WHERE patient_id = $2', [later(), cast.maria])
        }),
      ),
    ).toBe('done')
  })

  test.each([
    [
      'of the same key version',
      'UPDATE phi.observation SET value = $1',
      (): unknown[] => [fakeCiphertext()],
      '23514',
    ],
    [
      'of an earlier one',
      'UPDATE phi.observation SET value = $1',
      () => [later().replace('00000002', '00000000')],
      '23514',
    ],
    ['for nothing', 'UPDATE phi.observation SET value = NULL', () => [], '23514'],
    ['where nothing is', 'UPDATE phi.observation SET note = $1', () => [later()], '23514'],
    ['for what is no ciphertext', 'UPDATE phi.observation SET value = $1', () => ['plain'], '23514'],
    [
      'in a signed note, of the same version',
      'UPDATE phi.note_version SET body = $1',
      () => [fakeCiphertext()],
      '23514',
    ],
    ['and the status', `UPDATE phi.observation SET status = 'amended'`, () => [], '42501'],
    ['and who wrote it', 'UPDATE phi.observation SET updated_by = NULL', () => [], '42501'],
    ['and the version', 'UPDATE phi.observation SET version = 9', () => [], '42501'],
    ['and takes rows away', 'DELETE FROM phi.observation', () => [], '42501'],
    ['and makes rows', 'INSERT INTO phi.row_history DEFAULT VALUES', () => [], '42501'],
    ['and reads tokens', 'SELECT token FROM phi.search_token', () => [], '42501'],
  ])('exchanges none %s', async (_what, statement, values, code) => {
    expect(await codeOf(asRotation((query) => query(statement, values())))).toBe(code)
  })

  test('reaches nobody to whom it was not admitted', async () => {
    await asRotation(async (query) => {
      expect(
        await query('UPDATE phi.observation SET value = $1 WHERE patient_id = $2', [later(), cast.otto]),
      ).toMatchObject({
        rowCount: 0,
      })
    })
  })

  test('changes in an earlier version of a row ciphertexts alone', async () => {
    await cast.sql.superuser.query(
      `INSERT INTO phi.row_history (patient_id, table_name, row_id, version, "row", replaced_by)
       VALUES ($1, 'observation', gen_random_uuid(), 1, jsonb_build_object('value', $2::text, 'status', 'final'), gen_random_uuid())`,
      [cast.maria, fakeCiphertext()],
    )
    const change = (change: object) =>
      codeOf(
        asRotation((query) =>
          query('UPDATE phi.row_history SET "row" = "row" || $1::jsonb WHERE patient_id = $2', [
            JSON.stringify(change),
            cast.maria,
          ]),
        ),
      )
    expect(await change({ value: later() })).toBe('done')
    expect(await change({ value: fakeCiphertext() })).toBe('23514')
    expect(await change({ status: 'amended' })).toBe('23514')
    expect(await change({ more: later() })).toBe('23514')
    expect(
      await codeOf(cast.sql.superuser.query(`UPDATE phi.row_history SET "row" = '{}'`)),
      'nobody else',
    ).toBe('23514')
  })
})

describe('a change that another role makes while it runs', () => {
  test('into the role of rotation is no way around versions and history', async () => {
    const opened = await cast.sql.worker.query<{ token: string }>(
      `SELECT app.service_session_open('import') AS token`,
    )
    const request = randomUUID()
    await cast.sql.worker.query(
      `SELECT * FROM audit.admit($1, $2, 'UPDATE', 'import', $3, $4, NULL, NULL, NULL, NULL, NULL)`,
      [opened.rows[0]?.token, request, JSON.stringify(fields), [cast.maria]],
    )
    const statement = (value: string) =>
      asUnit(cast.sql.worker, 'phi_job_import', request, async (unit) => {
        await unit.query(`SELECT audit.effect($1, 'UPDATE', 'Observation', '{value}', '{}', NULL)`, [
          cast.maria,
        ])
        await unit.query(
          `UPDATE phi.observation SET value = $1, status = 'amended' WHERE patient_id = $2 AND set_config('role', 'phi_job_rotate', true) <> ''`,
          [value, cast.maria],
        )
      })
    expect(await codeOf(statement(later()))).toBe('23514')
  })
})

describe('the counting of key versions', () => {
  test('is for the worker alone, and tells numbers', async () => {
    const { rows } = await cast.sql.worker.query('SELECT * FROM phi.cell_versions($1, $2)', [
      token,
      [cast.maria],
    ])
    expect(rows).toContainEqual({
      patient_id: cast.maria,
      table_name: 'observation',
      key_version: '1',
      cells: '2',
    })
    expect(Object.keys(rows[0] as object)).toEqual(['patient_id', 'table_name', 'key_version', 'cells'])
    for (const login of ['app', 'auditReader'] as const)
      expect(await codeOf(cast.sql[login].query('SELECT * FROM phi.cell_versions($1)', [token]))).toBe(
        '42501',
      )
  })

  test('of the organisation’s secrets, and their exchange, are for a session of the job alone', async () => {
    expect(await codeOf(cast.sql.worker.query('SELECT * FROM app.secret_versions($1)', [token]))).toBe('done')
    const opened = await cast.sql.worker.query<{ token: string }>(
      `SELECT app.service_session_open('import') AS token`,
    )
    const other = opened.rows[0]?.token
    for (const text of [
      'SELECT * FROM app.secret_versions($1)',
      `SELECT * FROM app.secrets_to_reseal($1, '00000009', NULL, NULL, 10)`,
      `SELECT app.reseal_secrets($1, '[]')`,
      `SELECT app.note_key_rotation($1, 'DATA_KEYS_RETIRED', '{}')`,
    ])
      expect(await codeOf(cast.sql.worker.query(text, [other])), text).toBe('42501')
  })

  test('a secret is exchanged only for one of a later version, and only while it is what was read', async () => {
    const { accountId: id } = cast.people.admin
    const read = async () =>
      (
        await cast.sql.superuser.query<{ s: string }>(
          'SELECT email_sealed AS s FROM app.account WHERE id = $1',
          [id],
        )
      ).rows[0]?.s
    const exchange = (old: string, fresh: string) =>
      cast.sql.worker.query<{ n: number }>('SELECT app.reseal_secrets($1, $2) AS n', [
        token,
        JSON.stringify([{ kind: 'email', id, old, new: fresh }]),
      ])
    const before = (await read()) ?? ''
    expect(await codeOf(exchange(before, fakeCiphertext()))).toBe('23514')
    expect((await exchange(fakeCiphertext(), later())).rows).toEqual([{ n: 0 }])
    expect(await read()).toBe(before)
    expect((await exchange(before, later())).rows).toEqual([{ n: 1 }])
    expect(await read()).not.toBe(before)
  })
})
