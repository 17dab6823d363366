import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordId } from '#lib/crypto/record-id.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { granted, makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { shredRecord } from '#lib/testing/shred-record.ts'
import type { RecordClient } from '#lib/phi/types.ts'
import { importSources } from './import-sources.ts'

let records: RecordCast
let folder: string
beforeAll(async () => {
  records = await makeRecordCast()
  folder = await mkdtemp(path.join(tmpdir(), 'vigil-import-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await records.close()
})

let made = 0
const file = async (content: unknown, extension = 'json'): Promise<string> => {
  const name = path.join(folder, `file-${(made += 1)}.${extension}`)
  await writeFile(name, typeof content === 'string' ? content : JSON.stringify(content))
  return name
}
const bundle = (...resources: object[]) => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: resources.map((resource) => ({ resource })),
})
const patient = (id: string, more: object = {}) => ({
  resourceType: 'Patient',
  id,
  name: [{ family: 'Santos', given: ['Ana'] }],
  ...more,
})
const potassium = (id: string, patientId: string, value: number, more: object = {}) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  category: [{ coding: [{ code: 'laboratory' }] }],
  code: { coding: [{ system: 'http://loinc.org', code: '2823-3', display: 'Potassium' }] },
  subject: { reference: `Patient/${patientId}` },
  effectiveDateTime: '2026-11-20T14:00:00Z',
  issued: '2026-11-20T20:00:00Z',
  valueQuantity: { value, unit: 'mmol/L' },
  referenceRange: [{ low: { value: 3.5 }, high: { value: 5.1 } }],
  ...more,
})
const rowId = async (type: string, id: string) =>
  recordId(await (await processKeyStore()).identityKey(), 'test', type, id)
const run = (...paths: string[]) => importSources({ paths, source: 'test', teamId: null })
const read = async <T>(patientId: string, work: (record: RecordClient) => Promise<T>): Promise<T> =>
  asService('import', (actor) =>
    granted(actor, { view: 'import', action: 'READ', patients: [patientId] }, work),
  )
const numbers = ({
  created,
  changed,
  unchanged,
}: {
  created: number
  changed: number
  unchanged: number
}) => ({ created, changed, unchanged })

describe('importing FHIR files', () => {
  test('the same file twice changes nothing, and writes no second admission to change', async () => {
    const source = await file(
      bundle(
        patient('twice', { telecom: [{ system: 'phone', value: '555-0101' }] }),
        potassium('k-twice', 'twice', 4.1),
      ),
    )
    expect(await run(source)).toMatchObject({
      patients: 1,
      created: 2,
      changed: 0,
      unchanged: 0,
      refused: [],
    })
    const id = await rowId('Patient', 'twice')
    const count = () =>
      records.raw<{ n: string }>(
        `SELECT count(*) AS n FROM audit.patient_phi_audit_log WHERE patient_id = $1 AND action_type <> 'READ'`,
        [id],
      )
    const before = await count()
    expect(numbers(await run(source))).toEqual({ created: 0, changed: 0, unchanged: 2 })
    expect(await count()).toEqual(before)
    expect(await records.raw('SELECT version FROM phi.observation WHERE patient_id = $1', [id])).toEqual([
      { version: 1 },
    ])
  })

  test('a changed result becomes a new version that keeps the value it replaces', async () => {
    await run(await file(bundle(patient('corrected'), potassium('k-corrected', 'corrected', 6.7))))
    const second = potassium('k-corrected', 'corrected', 4.5, {
      status: 'corrected',
      issued: '2026-11-21T09:00:00Z',
    })
    expect(numbers(await run(await file(bundle(patient('corrected'), second))))).toEqual({
      created: 0,
      changed: 1,
      unchanged: 1,
    })
    const id = await rowId('Patient', 'corrected')
    const [row] = await read(id, (record) =>
      record.observation.findMany({
        where: { patientId: id },
        select: {
          value: true,
          valueNumber: true,
          previousValue: true,
          correctedAt: true,
          status: true,
          interpretation: true,
          version: true,
        },
        take: 5,
      }),
    )
    expect(row).toEqual({
      value: '4.5',
      valueNumber: 4.5,
      previousValue: '6.7',
      correctedAt: new Date('2026-11-21T09:00:00Z'),
      status: 'corrected',
      interpretation: 'normal',
      version: 2,
    })
    const history = await records.raw(
      `SELECT version FROM phi.row_history WHERE patient_id = $1 AND table_name = 'observation'`,
      [id],
    )
    expect(history).toEqual([{ version: 1 }])
  })

  test('a telephone that is gone from the source is gone from the record', async () => {
    const two = {
      telecom: [
        { system: 'phone', value: '555-0102' },
        { system: 'email', value: 'ana@mail.example' },
      ],
    }
    await run(await file(patient('phone', two)))
    await run(await file(patient('phone', { telecom: [{ system: 'phone', value: '555-0102' }] })))
    const id = await rowId('Patient', 'phone')
    const rows = await read(id, (record) =>
      record.patientContact.findMany({
        where: { patientId: id },
        select: { kind: true, value: true },
        take: 9,
      }),
    )
    expect(rows).toHaveLength(2)
    expect(rows.filter((row) => row.value !== null)).toEqual([{ kind: 'phone', value: '555-0102' }])
    expect(
      await records.raw(
        `SELECT 1 FROM phi.search_token WHERE patient_id = $1 AND column_id = 'patient-contact.email'`,
        [id],
      ),
    ).toEqual([])
    expect(
      numbers(await run(await file(patient('phone', { telecom: [{ system: 'phone', value: '555-0102' }] })))),
    ).toEqual({ created: 0, changed: 0, unchanged: 1 })
  })

  test('a broken file is refused whole, with the place of its fault and no value of it, and the others are taken in', async () => {
    const broken = await file(
      JSON.stringify(
        bundle(patient('refused'), { ...potassium('k-refused', 'refused', 4), status: 'Secretvalue' }),
        null,
        1,
      ),
    )
    const cut = await file(
      `${JSON.stringify(patient('cut-one'))}\n{"resourceType":"Patient","id":"cut-two","name":[{"fam`,
      'ndjson',
    )
    const good = await file(patient('beside'))
    const summary = await run(broken, cut, good)
    expect(summary).toMatchObject({ files: 3, patients: 1, created: 1 })
    expect(summary.refused).toEqual([
      {
        file: broken,
        where: expect.stringMatching(/^entry\[1\]\.resource\.status \(line \d+\)$/),
        why: expect.stringContaining('is not one of'),
      },
      { file: cut, where: 'line 2', why: expect.stringContaining('not JSON') },
    ])
    expect(JSON.stringify(summary)).not.toContain('Secretvalue')
    for (const id of ['refused', 'cut-one', 'cut-two']) {
      expect(
        await records.raw('SELECT id FROM phi.patient WHERE id = $1', [await rowId('Patient', id)]),
      ).toEqual([])
    }
  })

  test('references are resolved across files and across runs, whatever order they come in', async () => {
    const visit = { resourceType: 'Encounter', id: 'visit-across', status: 'finished', class: { code: 'AMB' }, subject: { reference: 'Patient/across' }, participant: [{ individual: { reference: 'Practitioner?identifier=npi|77' } }] } // prettier-ignore
    const doctor = {
      resourceType: 'Practitioner',
      id: 'doctor-across',
      identifier: [{ system: 'npi', value: '77' }],
      name: [{ family: 'Moreau', prefix: ['Dr.'] }],
    }
    const result = potassium('k-across', 'across', 4, { encounter: { reference: 'Encounter/visit-across' } })
    const summary = await run(
      await file(result),
      await file(visit),
      await file(doctor),
      await file(patient('across')),
    )
    expect(summary).toMatchObject({ patients: 1, created: 4, withoutPatient: {} })
    const later = potassium('k-across-later', 'across', 4.2, {
      encounter: { reference: 'Encounter/visit-across' },
    })
    expect(numbers(await run(await file(later)))).toEqual({ created: 1, changed: 0, unchanged: 0 })
    const rows = await records.raw<{ display_name: string }>(
      `SELECT p.display_name FROM phi.observation o JOIN phi.encounter e ON e.id = o.encounter_id JOIN app.practitioner p ON p.id = e.practitioner_id WHERE o.patient_id = $1`,
      [await rowId('Patient', 'across')],
    )
    expect(rows).toEqual([{ display_name: 'Dr. Moreau' }, { display_name: 'Dr. Moreau' }])
  })

  test('a report links the results it names, also when it comes later', async () => {
    const report = { resourceType: 'DiagnosticReport', id: 'report', status: 'final', code: { text: 'Panel' }, subject: { reference: 'Patient/report' }, result: [{ reference: 'Observation/k-report' }] } // prettier-ignore
    const both = [patient('report'), potassium('k-report', 'report', 4)]
    await run(await file(bundle(...both)))
    expect(numbers(await run(await file(bundle(...both, report))))).toEqual({
      created: 1,
      changed: 1,
      unchanged: 1,
    })
    expect(numbers(await run(await file(bundle(...both))))).toEqual({ created: 0, changed: 0, unchanged: 2 })
    const linked = await records.raw(
      'SELECT 1 FROM phi.observation WHERE patient_id = $1 AND diagnostic_report_id IS NOT NULL',
      [await rowId('Patient', 'report')],
    )
    expect(linked).toHaveLength(1)
  })

  test('types without a place and resources without a patient are kept out and counted', async () => {
    const summary = await run(
      await file(
        bundle(
          patient('counted'),
          { resourceType: 'CarePlan', id: 'plan' },
          { resourceType: 'Goal' },
          { resourceType: 'Goal' },
        ),
      ),
      await file(potassium('k-nobody', 'nobody-knows', 4)),
    )
    expect(summary).toMatchObject({
      created: 1,
      skippedTypes: { CarePlan: 1, Goal: 2 },
      withoutPatient: { Observation: 1 },
      refused: [],
    })
  })

  test('two patients with the same record number stay two, and neither is lost', async () => {
    const identifier = [{ type: { coding: [{ code: 'MR' }] }, system: 'a', value: '4711' }]
    await run(await file(patient('first-4711', { identifier })))
    expect(numbers(await run(await file(patient('second-4711', { identifier }))))).toEqual({
      created: 1,
      changed: 0,
      unchanged: 0,
    })
    expect(numbers(await run(await file(patient('second-4711', { identifier }))))).toEqual({
      created: 0,
      changed: 0,
      unchanged: 1,
    })
  })

  test('a resource of ten megabytes goes in and comes out whole', async () => {
    const data = Buffer.alloc(10 * 1024 * 1024, 'Vigil')
    const document = { resourceType: 'DocumentReference', id: 'large', status: 'current', subject: { reference: 'Patient/large' }, content: [{ attachment: { contentType: 'text/plain', data: data.toString('base64') } }] } // prettier-ignore
    expect(numbers(await run(await file(bundle(patient('large'), document))))).toEqual({
      created: 2,
      changed: 0,
      unchanged: 0,
    })
    const id = await rowId('Patient', 'large')
    const row = await read(id, (record) =>
      record.documentReference.findFirst({ where: { patientId: id }, select: { content: true } }),
    )
    expect(Buffer.from(row?.content as unknown as Uint8Array).equals(data)).toBe(true)
  })

  test('a run that was ended at once leaves a key and no patient, and the next one writes it all', async () => {
    const source = await file(
      bundle(patient('ended'), potassium('k-ended', 'ended', 4), potassium('k-written', 'ended', 5)),
    )
    // Keys are committed before rows.
    await (await processKeyStore()).dataKeyForWriting(await rowId('Patient', 'ended'))
    expect(numbers(await run(source))).toEqual({ created: 3, changed: 0, unchanged: 0 })
  })

  test('a destroyed record is left as it is and counted, and the others of the run are taken in', async () => {
    const before = await file(bundle(patient('shredded'), potassium('of-shredded', 'shredded', 4)))
    await run(before)
    const id = await rowId('Patient', 'shredded')
    await shredRecord(records, id)
    const rows = () => records.raw('SELECT FROM phi.observation WHERE patient_id = $1', [id])
    const again = await file(
      bundle(
        patient('shredded'),
        potassium('of-shredded', 'shredded', 5),
        potassium('new-of-shredded', 'shredded', 6),
        patient('beside-shredded'),
      ),
    )
    for (let times = 0; times < 2; times += 1)
      expect(await run(again)).toMatchObject({ patients: 1, destroyed: 1, refused: [] })
    expect(await run(before)).toMatchObject({ patients: 0, destroyed: 1 })
    expect(await rows()).toHaveLength(1)
    expect(await read(await rowId('Patient', 'beside-shredded'), (record) => record.patient.count())).toBe(1)
  })

  test('every write is admitted for running the clinic, and its effect stands in the trail', async () => {
    await run(await file(bundle(patient('trail'), potassium('k-trail', 'trail', 4))))
    const rows = await records.raw<{ outcome: string }>(
      `SELECT action_type, outcome, actor_role, purpose, view, resource_type FROM audit.patient_phi_audit_log WHERE patient_id = $1 ORDER BY seq`,
      [await rowId('Patient', 'trail')],
    )
    const base = { action_type: 'CREATE', actor_role: 'service', purpose: 'HOPERAT', view: 'import' }
    expect(rows).toEqual([
      { ...base, outcome: 'ALLOWED', resource_type: null },
      { ...base, outcome: 'EFFECT', resource_type: 'Patient' },
      { ...base, outcome: 'EFFECT', resource_type: 'Observation' },
    ])
  })

  const synthea = '/work/shared/data/synthea-r4'
  test.runIf(existsSync(synthea))(
    'all files at hand go in, and a second time change nothing',
    async () => {
      const start = performance.now()
      const first = await importSources({ paths: ['/work/shared/data'], source: 'shared', teamId: null })
      const seconds = (performance.now() - start) / 1000
      expect(first.refused).toEqual([])
      expect(first.patients).toBe(25)
      const second = await importSources({ paths: ['/work/shared/data'], source: 'shared', teamId: null })
      expect(second).toMatchObject({ created: 0, changed: 0, unchanged: first.created })
      process.stdout.write(`imported ${first.created} resources in ${seconds.toFixed(1)} s\n`)
    },
    600_000,
  )
})
