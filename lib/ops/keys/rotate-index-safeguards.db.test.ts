import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cellColumn } from '#lib/crypto/cell-column.ts'
import { openCell } from '#lib/crypto/open-cell.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { renewNames } from '#lib/phi/reindex/renew-names.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { withSearch } from '#lib/phi/with-search.ts'
import { admit, asUnit, fakeCiphertext } from '#lib/testing/door-cast.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { replaceIndexKey, withIndexRoots } from '#lib/testing/replace-index-key.ts'
import { shredRecord } from '#lib/testing/shred-record.ts'
import { testDatabase } from '#lib/testing/test-database.ts'

let records: RecordCast
beforeAll(async () => {
  records = await makeRecordCast()
})
afterAll(() => records.close())

const addPatient = (familyName: string, mrn: string) =>
  records.addPatient({ familyName, mrn }, records.actors.nurse)
const found = async (familyName: string) => {
  const search = { view: 'patient-search', terms: { familyName } } as const
  const outcome = await withSearch(records.actors.nurse, search, async (_record, patients) => patients)
  return outcome.kind === 'granted' ? outcome.patients : outcome.kind
}
const rename = (patient: string, familyName: string) =>
  records.change([patient], (record) =>
    record.patient.update({ where: { id: patient }, data: { familyName }, select: { id: true } }),
  )
const states = () => withIndexRoots((roots) => roots.read())

/** Changes rows without any trigger, as the superuser. */
async function behind(text: string, values: unknown[]): Promise<void> {
  await records.raw("SET session_replication_role = 'replica'")
  await records.raw(text, values)
  await records.raw("SET session_replication_role = 'origin'")
}

describe('what renewing tokens is not', () => {
  test('a change of the record: no version, no author, no earlier version comes of it', async () => {
    const patient = await addPatient('Unchanged', 'U-1')
    await records.change([patient], (record) =>
      record.observation.create({
        data: { patientId: patient, kind: 'laboratory', status: 'final', effectiveAt: new Date(), display: 'X', code: 'x', value: '1' },
        select: { id: true },
      }),
    ) // prettier-ignore
    const rows = async () => [
      await records.raw(
        'SELECT version, updated_at, updated_by, mrn, family_name FROM phi.patient WHERE id = $1',
        [patient],
      ),
      await records.raw(
        'SELECT version, updated_at, updated_by, code FROM phi.observation WHERE patient_id = $1',
        [patient],
      ),
      await records.raw('SELECT count(*) FROM phi.row_history WHERE patient_id = $1', [patient]),
    ]
    const before = await rows()
    await replaceIndexKey()
    expect(await rows()).toEqual(before)
  })

  test('unrecorded: each patient has its admission, and entries that name tokens and nothing else', async () => {
    const patient = await addPatient('Recorded', 'R-1')
    await replaceIndexKey()
    const trail = await records.raw<{ outcome: string; changed_fields: unknown }>(
      `SELECT outcome, changed_fields FROM audit.patient_phi_audit_log WHERE patient_id = $1 AND view = 'search-index' ORDER BY seq`,
      [patient],
    )
    expect(new Set(trail.map((row) => row.outcome))).toEqual(new Set(['ALLOWED', 'EFFECT']))
    expect(trail.find((row) => row.outcome === 'EFFECT')?.changed_fields).toEqual({
      Patient: ['mrnToken', 'mrnTokenEven', 'searchToken'],
    })
    const events = await records.raw<{ event_type: string }>(
      `SELECT DISTINCT event_type FROM audit.security_event_log WHERE event_type ~ '^INDEX_' ORDER BY 1`,
    )
    expect(events.map((row) => row.event_type)).toEqual(['INDEX_ROTATION_ENDED', 'INDEX_ROTATION_STARTED'])
  })

  test('a way to change anything else: the role is refused values, versions and history', async () => {
    const patient = await addPatient('Guarded', 'G-1')
    await rename(patient, 'Guarded again')
    const { rows } = await records.cast.sql.worker.query<{ token: string }>(
      `SELECT app.service_session_open('search-index') AS token`,
    )
    const token = rows[0]?.token ?? ''
    const attempt = async (statement: string, values: unknown[]) => {
      const fields = { Patient: ['familyName', 'mrn'] }
      const { request } = await admit(
        records.cast.sql.worker,
        { token },
        'search-index',
        'UPDATE',
        [patient],
        fields,
      )
      return asUnit(records.cast.sql.worker, 'phi_job_reindex', request, async (unit) => {
        for (const model of ['Patient', 'PatientContact'])
          await unit.query(`SELECT audit.effect($1, 'UPDATE', $2, '{}', '{}', NULL)`, [patient, model])
        return (await unit.query(statement, values)).rowCount
      }).catch((error: unknown) => (error as { code: string }).code)
    }
    expect(await attempt('UPDATE phi.patient SET family_name = $2 WHERE id = $1', [patient, fakeCiphertext()])).toBe('42501') // prettier-ignore
    expect(await attempt('UPDATE phi.patient SET version = 9 WHERE id = $1', [patient])).toBe('42501')
    expect(await attempt(`UPDATE phi.row_history SET "row" = "row" - 'family_name' WHERE patient_id = $1`, [patient])).toBe('23514') // prettier-ignore
    expect(await attempt('SELECT token FROM phi.search_token WHERE patient_id = $1', [patient])).toBe('42501')
    // Control: what it is for.
    expect(await attempt('UPDATE phi.patient SET mrn_token = NULL WHERE id = $1', [patient])).toBe(1)
    await replaceIndexKey()
  })

  test('for the worker’s import job, or for somebody else’s session', async () => {
    for (const job of ['import', 'key-rotation']) {
      const { rows } = await records.cast.sql.worker.query<{ token: string }>(
        'SELECT app.service_session_open($1) AS token',
        [job],
      )
      for (const call of ['accounts_to_index($1, 1, NULL, 1)', "index_accounts($1, '[]')", "unindex_accounts($1, '{1}', 1)"]) {
        await expect(
          records.cast.sql.worker.query(`SELECT app.${call}`, [rows[0]?.token]),
          `${job} ${call}`,
        ).rejects.toMatchObject({ code: '42501' })
      } // prettier-ignore
    }
  })
})

test('attack 31: earlier versions of rows keep no tokens, and lose those from before they kept none', async () => {
  const patient = await addPatient('Historic', 'H-1')
  await rename(patient, 'Historic again')
  const kept = () =>
    records.raw(
      `SELECT FROM phi.row_history WHERE patient_id = $1 AND "row" ?| ARRAY['mrn_token', 'mrn_token_even', 'code_token']`,
      [patient],
    )
  expect(await kept()).toEqual([])
  await behind(
    `UPDATE phi.row_history SET "row" = "row" || '{"mrn_token": "\\\\x0102"}' WHERE patient_id = $1`,
    [patient],
  )
  expect(await kept()).toHaveLength(1)
  await replaceIndexKey()
  expect(await kept()).toEqual([])
})

test('a backup from before a replacement, put back beside the key store of today: the next call makes its tokens first', async () => {
  const patient = await addPatient('Restored', 'RS-1')
  const backup = await records.raw<{ column_id: string; key_version: number; token: Buffer }>(
    'SELECT column_id, key_version, token FROM phi.search_token WHERE row_id = $1',
    [patient],
  )
  const [numbers] = await records.raw<{ mrn_token: Buffer | null; mrn_token_even: Buffer | null }>(
    'SELECT mrn_token, mrn_token_even FROM phi.patient WHERE id = $1',
    [patient],
  )
  await replaceIndexKey()
  await records.raw('DELETE FROM phi.search_token WHERE row_id = $1', [patient])
  for (const { column_id, key_version, token } of backup)
    await records.raw(
      'INSERT INTO phi.search_token (patient_id, row_id, column_id, key_version, token) VALUES ($1, $1, $2, $3, $4)',
      [patient, column_id, key_version, token],
    )
  await behind('UPDATE phi.patient SET mrn_token = $2, mrn_token_even = $3 WHERE id = $1', [
    patient,
    numbers?.mrn_token,
    numbers?.mrn_token_even,
  ])
  // Without it: under a key that nobody has.
  expect(await found('Restored')).toEqual([])
  let afterRepair: unknown
  const report = await replaceIndexKey({
    between: async (step) => {
      if (step === 'fill') afterRepair = await found('Restored')
    },
  })
  expect(afterRepair).toEqual([patient])
  expect(report.onFormerVersion).toBe(0)
  expect(await found('Restored')).toEqual([patient])
})

test('a value that does not open holds the former key in use, is written down, and is no obstacle once it is put right', async () => {
  const patient = await addPatient('Damaged', 'D-1')
  const other = await addPatient('Sound', 'S-1')
  const [row] = await records.raw<{ family_name: string }>(
    'SELECT family_name FROM phi.patient WHERE id = $1',
    [patient],
  )
  const sealed = row?.family_name ?? ''
  const bent = sealed.slice(0, 40) + (sealed[40] === 'A' ? 'B' : 'A') + sealed.slice(41)
  await behind('UPDATE phi.patient SET family_name = $2 WHERE id = $1', [patient, bent])
  await expect(replaceIndexKey()).rejects.toThrow(/do not open/)
  const held = await states()
  expect(held.slice(-2).map((root) => root.state)).toEqual(['active', 'pending'])
  await expect(found('Damaged')).rejects.toThrow(/NOT_AUTHENTIC/)
  expect(await found('Sound')).toEqual([other])
  const events = await records.raw(
    `SELECT FROM audit.security_event_log WHERE event_type = 'DECRYPTION_FAILED' AND detail ->> 'row_id' = $1`,
    [patient],
  )
  expect(events.length).toBeGreaterThan(0)
  await behind('UPDATE phi.patient SET family_name = $2 WHERE id = $1', [patient, sealed])
  expect(await replaceIndexKey()).toMatchObject({ continued: true, onFormerVersion: 0 })
  expect(await found('Damaged')).toEqual([patient])
}, 240_000)

describe('a record that is destroyed', () => {
  const tokens = (patient: string) =>
    records.raw('SELECT FROM phi.search_token WHERE patient_id = $1', [patient])
  const numbers = async (patient: string) =>
    (
      await records.raw<{ left: number }>(
        'SELECT num_nonnulls(mrn_token, mrn_token_even) AS left FROM phi.patient WHERE id = $1',
        [patient],
      )
    )[0]?.left
  const putBack = async (patient: string) => {
    const [active] = (await states()).filter((root) => root.state === 'active')
    await records.raw(
      `INSERT INTO phi.search_token (patient_id, row_id, column_id, key_version, token) VALUES ($1, $1, 'patient.family-name', $2, '\\x0102')`,
      [patient, active?.version],
    )
  }

  test('gets no tokens again, and loses those that an interrupted destruction left', async () => {
    const patient = await addPatient('Destroyed', 'DE-1')
    await shredRecord(records, patient)
    expect(await tokens(patient)).toHaveLength(0)
    await putBack(patient)
    expect(await replaceIndexKey()).toMatchObject({ onFormerVersion: 0 })
    expect(await tokens(patient)).toHaveLength(0)
    expect(await numbers(patient)).toBe(0)
  })

  test('gets none from a process whose cached keys still open it', async () => {
    const patient = await addPatient('Cached', 'CA-1')
    const keys = await processKeyStore()
    const cached = await keys.dataKeysFor([patient])
    await shredRecord(records, patient)
    await putBack(patient)
    const late = { ...keys, dataKeysFor: () => Promise.resolve(cached) }
    const [active] = (await states()).filter((root) => root.state === 'active')
    const renewed = await asService('search-index', (actor) =>
      renewNames(actor, late, [patient], active?.version ?? 0),
    )
    expect(renewed).toMatchObject({ owners: 1, unreadable: [] })
    expect(await tokens(patient)).toHaveLength(0)
    expect(await numbers(patient)).toBe(0)
    // Control: the keys that it held would have opened it.
    const [row] = await records.raw<{ family_name: string }>(
      'SELECT family_name FROM phi.patient WHERE id = $1',
      [patient],
    )
    const own = cached.get(patient)
    expect(own && openCell(own, cellColumn('patient.family-name', 'string'), rowAddress(patient, patient), row?.family_name ?? '')).toBe('Cached') // prettier-ignore
  })
})

test('a transaction that has written and not ended holds up the next step', async () => {
  const patient = await addPatient('Slow', 'SL-1')
  const slow = new pg.Client({ connectionString: (await testDatabase()).urls.superuser })
  await slow.connect()
  await slow.query('BEGIN')
  await slow.query('CREATE TABLE app.slow ()')
  let ended = false
  const steps: string[] = []
  let waits = 0
  const replacing = replaceIndexKey({
    progress: (what) => {
      if (what === 'Waiting for a transaction to end') waits += 1
    },
    between: (step) => {
      steps.push(step)
      if (step === 'former') expect(ended).toBe(true)
    },
  })
  await expect.poll(() => waits, { timeout: 60_000 }).toBeGreaterThan(1)
  expect(steps).toEqual(['begin', 'fill'])
  ended = true
  await slow.query('ROLLBACK')
  await slow.end()
  await replacing
  expect(steps.at(-1)).toBe('done')
  expect(await found('Slow')).toEqual([patient])
})

test('people who register, rename and search all the while lose nothing and fail in nothing', async () => {
  let stopped = false
  const failures: string[] = []
  const names = new Map<string, string>()
  const note = (what: string, error: unknown) =>
    failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`)
  const writer = async (own: string) => {
    while (!stopped) {
      try {
        const patient = await addPatient(`${own}${randomUUID().slice(0, 8)}`, randomUUID())
        const name = `${own}${randomUUID().slice(0, 8)}`
        await rename(patient, name)
        names.set(patient, name)
      } catch (error) {
        note('write', error)
      }
    }
  }
  let searches = 0
  const reader = async () => {
    while (!stopped) {
      const known = [...names]
      const [patient, name] = known[Math.floor(Math.random() * known.length)] ?? []
      if (patient && name) {
        try {
          const result = await found(name)
          searches += 1
          if (!Array.isArray(result) || result.join() !== patient) failures.push(`searched: ${String(result)}`)
        } catch (error) {
          note('search', error)
        }
      }
      await sleep(5)
    }
  } // prettier-ignore
  const people = [writer('Anna'), writer('Berta'), reader(), reader()]
  await expect.poll(() => names.size, { timeout: 60_000 }).toBeGreaterThan(10)
  const first = await replaceIndexKey({ waits: { heldSeconds: 0.3, unitSeconds: 0 } })
  const second = await replaceIndexKey({ waits: { heldSeconds: 0.3, unitSeconds: 0 } })
  await expect.poll(() => searches, { timeout: 60_000 }).toBeGreaterThan(20)
  stopped = true
  await Promise.all(people)
  expect(failures).toEqual([])
  expect([first.onFormerVersion, second.onFormerVersion]).toEqual([0, 0])
  for (const [patient, name] of names) expect(await found(name), name).toEqual([patient])
}, 300_000)
