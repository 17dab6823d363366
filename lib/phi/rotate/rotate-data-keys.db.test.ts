import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { env } from '#lib/env.ts'
import { organisation } from '#lib/keys/read-root-keys.ts'
import { defaultKeyLimits } from '#lib/keys/key-settings.ts'
import { openKeyStore } from '#lib/keys/open-key-store.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { openAccountSecret, sealAccountSecret } from '#lib/auth/account-secrets.ts'
import { openFilter, saveFilter } from '#lib/accounts/saved-filter.ts'
import { models } from '#lib/phi/registry.ts'
import { verifyCells } from '#lib/phi/verify-cells/verify-cells.ts'
import { plantRecord, type Planted } from '#lib/testing/plant-record.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { cellVersions, rotationUnderTest, type RotationUnderTest } from '#lib/testing/rotate-for-test.ts'
import { retireFormerKeys } from './retire-former-keys.ts'

// What would be lost if these failed: values, or the reason to rotate, which is that the former key opens nothing any more.

let cast: RecordCast
let under: RotationUnderTest
beforeAll(async () => {
  cast = await makeRecordCast()
  under = await rotationUnderTest()
})
afterAll(async () => {
  await under.close()
  await cast.close()
})

type Table = { findFirst(args: object): Promise<Record<string, unknown> | null> }

async function readPlanted(patient: string, planted: readonly Planted[]): Promise<Record<string, unknown>> {
  return cast.change([patient], async (record) => {
    const found: Record<string, unknown> = {}
    for (const { model, id, field } of planted) {
      const table = (record as unknown as Record<string, Table>)[models.get(model)?.delegate ?? '']
      found[`${model} ${id} ${field}`] = (
        await table?.findFirst({ where: { id }, select: { [field]: true } })
      )?.[field]
    }
    return found
  })
}

describe('a record with a row in every table', () => {
  let patient: string
  let planted: Planted[]
  beforeEach(async () => {
    patient = await cast.addPatient()
    planted = await cast.change([patient], (record) =>
      plantRecord(
        record,
        patient,
        cast.actors.clinician.accountId,
        (n) => `${patient.slice(0, 8)} planted ${n}`,
      ),
    )
  })

  test('is wholly under the new key afterwards, earlier versions of rows too, and reads as before', async () => {
    const before = await readPlanted(patient, planted)
    expect(Object.keys(await cellVersions(patient))).toEqual(['1'])
    const report = await under.rotate({ patient })
    expect(report).toMatchObject({
      continued: false, patients: 1, newKeys: 1, onOldVersions: 0, unreadable: [], withoutKey: {},
    }) // prettier-ignore
    const after = await cellVersions(patient)
    expect(Object.keys(after)).toEqual(['2'])
    expect(report.resealed).toBe(after[2])
    expect(report.resealed).toBeGreaterThan(planted.length)
    expect(await readPlanted(patient, planted)).toEqual(before)
  })

  test('keeps its numbers, its times and its history: nobody has changed it', async () => {
    const state = () =>
      cast.raw(
        `SELECT 'observation' AS t, id, version, updated_at, updated_by FROM phi.observation WHERE patient_id = $1
         UNION ALL SELECT 'patient', id, version, updated_at, updated_by FROM phi.patient WHERE id = $1
         UNION ALL SELECT table_name, row_id, version, replaced_at, replaced_by FROM phi.row_history WHERE patient_id = $1 ORDER BY 1, 2, 3`,
        [patient],
      )
    const before = await state()
    await under.rotate({ patient })
    expect(await state()).toEqual(before)
  })

  test('stands in the trail with a digest of every cell, so that the verifier finds nothing', async () => {
    await under.rotate({ patient })
    const { findings, cells, uncovered } = await verifyCells(patient)
    expect({ findings, uncovered }).toEqual({ findings: [], uncovered: {} })
    expect(cells).toBeGreaterThan(100)
    const entries = await cast.raw<{ resource_type: string }>(
      `SELECT resource_type FROM audit.patient_phi_audit_log WHERE patient_id = $1 AND view = 'key-rotation' AND outcome = 'EFFECT'`,
      [patient],
    )
    expect(new Set(entries.map((entry) => entry.resource_type))).toEqual(
      new Set([...planted.map(({ model }) => model), 'RowHistory']),
    )
  })

  test('is re-encrypted also where a note was signed, which nothing else can change', async () => {
    const [text] = planted.filter(({ model }) => model === 'NoteVersion')
    await cast.change([patient], (record) =>
      record.noteVersion.update({
        where: { id: text!.id },
        data: { status: 'signed', signedAt: new Date() },
        select: { id: true },
      }),
    )
    const cellsOf = () =>
      cast.raw<{ body: string }>('SELECT body FROM phi.note_version WHERE id = $1', [text!.id])
    const [before] = await cellsOf()
    await under.rotate({ patient })
    const [after] = await cellsOf()
    expect(after!.body.slice(0, 14)).toBe('phi1.00000002.')
    expect(after!.body).not.toBe(before!.body)
    await expect(
      cast.change([patient], (record) =>
        record.noteVersion.update({ where: { id: text!.id }, data: { body: 'x' }, select: { id: true } }),
      ),
      'control: a change is refused',
    ).rejects.toThrow('P2039')
  })

  test('leaves a cell that does not open as it is, says where it lies, and goes on with the rest', async () => {
    const [cell] = planted.filter(({ model, field }) => model === 'Observation' && field === 'value')
    const all = Object.values(await cellVersions(patient)).reduce((sum, count) => sum + count, 0)
    await cast.raw('ALTER TABLE phi.observation DISABLE TRIGGER USER')
    await cast.raw(
      `UPDATE phi.observation SET value = overlay(value PLACING CASE substr(value, 30, 1) WHEN 'A' THEN 'B' ELSE 'A' END FROM 30 FOR 1) WHERE id = $1`,
      [cell!.id],
    )
    await cast.raw('ALTER TABLE phi.observation ENABLE TRIGGER USER')
    const report = await under.rotate({ patient })
    expect(report.unreadable).toEqual([
      { model: 'Observation', column: 'value', rowId: cell!.id, ownerId: patient, code: 'NOT_AUTHENTIC' },
    ])
    expect(report.onOldVersions).toBe(1)
    expect(await cellVersions(patient)).toEqual({ 1: 1, 2: all - 1 })
    expect(
      await cast.raw(
        `SELECT detail ->> 'row_id' AS row_id FROM audit.security_event_log WHERE event_type = 'DECRYPTION_FAILED' AND detail ->> 'patient_id' = $1`,
        [patient],
      ),
    ).toEqual([{ row_id: cell!.id }])
  })

  test('is opened by a process that cached the keys before: it asks for the new version', async () => {
    const keys = await processKeyStore()
    const stale = await keys.dataKeysFor([patient])
    await under.rotate({ patient })
    let asked = 0
    const original = keys.dataKeysFor.bind(keys)
    // The news of the new version has not come yet: the cache still answers with what it had.
    keys.dataKeysFor = (owners) => {
      asked += 1
      return asked === 1 ? Promise.resolve(stale) : original(owners)
    }
    try {
      const [first] = planted
      expect(await readPlanted(patient, [first!])).toEqual({
        [`${first!.model} ${first!.id} ${first!.field}`]: first!.value,
      })
      expect(asked).toBe(2)
    } finally {
      keys.dataKeysFor = original
    }
  })
})

describe('all patients and the organisation', () => {
  test('are rotated together; who has no key is counted, and secrets that do not open are named', async () => {
    const patients = [
      await cast.addPatient({ familyName: 'Adler' }),
      await cast.addPatient({ familyName: 'Berg' }),
    ]
    const email = await sealAccountSecret('email', cast.actors.admin.accountId, 'ada@example.org')
    await cast.raw('UPDATE app.account SET email_sealed = $1 WHERE id = $2', [
      email,
      cast.actors.admin.accountId,
    ])
    const filter = await saveFilter(cast.actors.compliance, 'test', { name: 'Adler' })
    const report = await under.rotate()
    for (const patient of patients)
      expect(Object.keys(await cellVersions(patient)), 'all under one version').toHaveLength(1)
    const [row] = await cast.raw<{ email_sealed: string }>(
      'SELECT email_sealed FROM app.account WHERE id = $1',
      [cast.actors.admin.accountId],
    )
    expect(row!.email_sealed).not.toBe(email)
    expect(await openAccountSecret('email', cast.actors.admin.accountId, row!.email_sealed)).toBe(
      'ada@example.org',
    )
    expect(await openFilter(cast.actors.compliance, 'test', filter, z.object({ name: z.string() }))).toEqual({
      name: 'Adler',
    })
    // The cast's own two patients and its other accounts hold made-up ciphertexts.
    expect(report.withoutKey).toEqual({ missing: 2 })
    expect(new Set(report.unreadable.map(({ ownerId }) => ownerId))).toContain(organisation)
    expect(
      report.unreadable.every(({ model, code }) => model !== 'Account' || code === 'NOT_AUTHENTIC'),
    ).toBe(true)
  })

  test('an interrupted rotation goes on without making keys again, and a new one makes them', async () => {
    const patient = await cast.addPatient()
    const interrupted = await under.store.begin(null, false)
    expect(await under.store.renew(interrupted, [patient])).toBe(1)
    expect(await cellVersions(patient)).toEqual({ 1: expect.any(Number) as number })
    const report = await under.rotate()
    expect(report.continued).toBe(true)
    expect(Object.keys(await cellVersions(patient))).toEqual(['2'])
    await under.rotate()
    expect(Object.keys(await cellVersions(patient)), 'control: the next one makes a key').toEqual(['3'])
  })

  test('--anew makes new keys although a rotation is open', async () => {
    const patient = await cast.addPatient()
    await under.store.renew(await under.store.begin(null, false), [patient])
    const report = await under.rotate({ anew: true })
    expect(report.continued).toBe(false)
    expect(Object.keys(await cellVersions(patient))).toEqual(['3'])
  })

  test('a shredded patient gets no key and holds nobody up', async () => {
    const [shredded, other] = [await cast.addPatient(), await cast.addPatient()]
    const keys = await processKeyStore()
    const versions = (await keys.dataKeysFor([shredded])).get(shredded)!.versions
    await onKeyStore(`UPDATE keys.data_key SET state = 'destroyed', wrapped = NULL WHERE owner_id = $1`, [
      shredded,
    ])
    keys.dropCachedKeys(shredded)
    const report = await under.rotate()
    expect(versions).toHaveLength(1)
    expect(report.withoutKey).toMatchObject({ destroyed: 1 })
    expect(Object.keys(await cellVersions(shredded))).toEqual(['1'])
    expect(Object.keys(await cellVersions(other))).toEqual(['2'])
  })
})

/** A statement on the key store, past the product. */
async function onKeyStore(text: string, values: unknown[], url = env.keystoreOperatorUrl): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(text, values)
  await client.end()
}

describe('two at once', () => {
  test('attack 47: share one rotation, make one key each, and re-encrypt everything once', async () => {
    const patients = await Promise.all(Array.from({ length: 6 }, () => cast.addPatient()))
    const cellsBefore = (await Promise.all(patients.map(cellVersions))).map((counts) => counts[1] ?? 0)
    const reports = await Promise.all([under.rotate(), under.rotate()])
    for (const [at, patient] of patients.entries())
      expect(await cellVersions(patient)).toEqual({ 2: cellsBefore[at] })
    const made = await Promise.all(
      patients.map(async (patient) => {
        const own = (await (await processKeyStore()).dataKeysFor([patient])).get(patient)
        return own!.versions.length
      }),
    )
    expect(made, 'a first key and one more').toEqual(patients.map(() => 2))
    expect(reports.map((report) => report.onOldVersions - report.unreadable.length)).toEqual([0, 0])
  })
})

describe('a server that fails', () => {
  test('attack 47: a full disk ends a rotation with whole units done, and the next call goes on', async () => {
    const patients = await Promise.all(Array.from({ length: 3 }, () => cast.addPatient()))
    await cast.raw(`CREATE FUNCTION phi.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$`)
    await cast.raw(
      'CREATE TRIGGER full_disk BEFORE UPDATE ON phi.row_history FOR EACH ROW EXECUTE FUNCTION phi.full_disk()',
    )
    for (const patient of patients) {
      await cast.change([patient], (record) =>
        record.patient.update({ where: { id: patient }, data: { givenName: 'Ada' }, select: { id: true } }),
      )
    }
    await expect(under.rotate()).rejects.toMatchObject({ code: '53100' })
    const halfway = await Promise.all(patients.map(cellVersions))
    expect(halfway, 'history is on the old version, rows may be on the new one').toEqual(
      patients.map(() => expect.objectContaining({ 1: expect.any(Number) as number }) as object),
    )
    await cast.raw('DROP TRIGGER full_disk ON phi.row_history')
    const report = await under.rotate()
    expect(report).toMatchObject({ continued: true })
    for (const patient of patients) {
      expect(Object.keys(await cellVersions(patient))).toEqual(['2'])
      expect(await readName(patient)).toBe('Example')
    }
  })

  test('attack 47: a clock that jumped makes no key count as newer or older than it is', async () => {
    const { urls } = await testDatabase()
    const [ahead, behind] = [await cast.addPatient(), await cast.addPatient()]
    const jump = (patient: string, by: string) =>
      onKeyStore(
        `UPDATE keys.data_key SET created_at = clock_timestamp() + $2::interval WHERE owner_id = $1`,
        [patient, by],
        urls.keystore_superuser,
      )
    // Made while the clock was a day ahead: older than the rotation all the same.
    await jump(ahead, '1 day')
    const interrupted = await under.store.begin(null, false)
    expect(await under.store.renew(interrupted, [ahead, behind])).toBe(2)
    // Made while it was a day behind: newer all the same, and not replaced again.
    await jump(behind, '-1 day')
    expect(await under.store.renew(interrupted, [ahead, behind])).toBe(0)
    await under.rotate()
    for (const patient of [ahead, behind]) expect(Object.keys(await cellVersions(patient))).toEqual(['2'])
  })
})

describe('a writer who holds a former key as the active one', () => {
  test('attack 48: what they write under it is found by a later pass and re-encrypted; nothing is lost', async () => {
    const patient = await cast.addPatient({ familyName: 'Before' })
    const keys = await processKeyStore()
    const stale = await keys.dataKeyForWriting(patient)
    const original = keys.dataKeyForWriting.bind(keys)
    let writing: Promise<unknown> | undefined
    const writeUnderFormer = async () => {
      keys.dataKeyForWriting = () => Promise.resolve(stale)
      await cast.change([patient], (record) =>
        record.patient.update({
          where: { id: patient },
          data: { familyName: 'After' },
          select: { id: true },
        }),
      )
      keys.dataKeyForWriting = original
      expect((await cellVersions(patient))[1], 'it really was written under the former key').toBe(1)
    }
    const report = await under.rotate({
      patient,
      waits: { heldSeconds: 3, unitSeconds: 0 },
      // Between the first time that nothing was left and the second.
      progress: (what) => {
        if (what.startsWith('Waiting')) writing ??= writeUnderFormer()
      },
    })
    await writing
    expect(report.passes).toBeGreaterThan(3)
    expect(Object.keys(await cellVersions(patient))).toEqual(['2'])
    expect(await readName(patient)).toBe('After')
  })

  test('attack 48: a version that they may still hold is not disabled', async () => {
    const patient = await cast.addPatient()
    await under.rotate({ patient })
    expect(await retireFormerKeys({ store: under.store, patient })).toEqual({
      disabled: 0, destroyed: 0, stillNamed: 0, tooYoung: 1,
    }) // prettier-ignore
    expect(
      await retireFormerKeys({ store: under.store, patient, waits: { heldSeconds: 0, unitSeconds: 0 } }),
      'control',
    ).toMatchObject({
      disabled: 1,
    })
  })
})

async function readName(patient: string): Promise<string> {
  return cast.change([patient], async (record) => {
    const row = await record.patient.findUnique({ where: { id: patient }, select: { familyName: true } })
    return row?.familyName ?? ''
  })
}

describe('a key that has encrypted as often as it may', () => {
  test('attack 51: is replaced while people write, and the next rotation brings the rest after', async () => {
    const patient = await cast.addPatient()
    const worn = await openKeyStore(env, { ...defaultKeyLimits, encryptionsMax: 1 })
    try {
      await (await processKeyStore()).dataKeyForWriting(patient)
      await onKeyStore('UPDATE keys.data_key SET encryptions = encryptions + 1 WHERE owner_id = $1', [
        patient,
      ])
      expect((await worn.dataKeyForWriting(patient)).version).toBe(2)
    } finally {
      await worn.close()
    }
    expect(Object.keys(await cellVersions(patient)), 'what was written before stays').toEqual(['1'])
    await under.rotate({ patient })
    expect(Object.keys(await cellVersions(patient))).toEqual(['3'])
  })
})

describe('retiring former versions', () => {
  test('disables what nothing names, destroys it after its time, and leaves what is named', async () => {
    const patient = await cast.addPatient()
    const retire = (destroyAfterSeconds?: number) =>
      retireFormerKeys({
        store: under.store,
        patient,
        waits: { heldSeconds: 0, unitSeconds: 0 },
        destroyAfterSeconds,
      })
    const rotation = await under.store.begin(patient, false)
    await under.store.renew(rotation, [patient])
    expect(await retire(), 'cells still name it').toMatchObject({ disabled: 0, stillNamed: 1 })
    await under.rotate({ patient })
    expect(await retire()).toMatchObject({ disabled: 1, destroyed: 0 })
    expect(await retire(3600)).toMatchObject({ destroyed: 0, tooYoung: 1 })
    expect(await retire(0)).toMatchObject({ destroyed: 1 })
    expect(await readName(patient)).toBe('Example')
    const own = (await (await processKeyStore()).dataKeysFor([patient])).get(patient)
    expect([...own!.closed]).toEqual([[1, 'destroyed']])
  })
})
