import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '#lib/policy/actor.ts'
import { expectRefused } from '#lib/testing/expect-refused.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import type { VitalsInput } from './input.ts'
import { listVitals } from './list-vitals.ts'
import { recordVitals } from './record-vitals.ts'
import { withdrawVital } from './withdraw-vital.ts'

let records: RecordCast
let nadia: Actor
let maria: string
beforeAll(async () => {
  records = await makeRecordCast()
  nadia = { ...records.actors.nurse, displayName: 'Nadia Osei' }
  maria = await records.addPatient(
    { familyName: 'Plantedname', givenName: 'Maria', birthDate: '1979-04-02' },
    nadia,
  )
})
afterAll(() => records.close())

const form = (fields: Partial<VitalsInput> = {}): VitalsInput => ({
  key: randomUUID(),
  takenDay: '2026-11-20',
  takenTime: '08:30',
  systolic: 128,
  diastolic: 82,
  pulse: 74,
  temperature: 98.2,
  temperatureUnit: '[degF]',
  oxygen: null,
  respiration: null,
  weight: 71.2,
  weightUnit: 'kg',
  confirmed: [],
  ...fields,
})
const newPatient = () => records.addPatient({ givenName: 'Test' }, nadia)
const observations = (patientId: string) =>
  records.raw<{ count: number }>('SELECT count(*)::int FROM phi.observation WHERE patient_id = $1', [
    patientId,
  ])

describe('vital signs of one’s own patient', () => {
  test('are saved with their codes and units and come back as the chart shows them', async () => {
    const saved = await recordVitals(nadia, maria, form())
    expect(saved).toMatchObject({ kind: 'granted', value: { kind: 'saved', count: 4 } })
    const listed = await listVitals(nadia, maria)
    const series = listed.kind === 'granted' ? (listed.value?.series ?? []) : []
    expect(series.map(({ key, unit, points }) => [key, unit, points[0]?.value])).toEqual([
      ['blood-pressure', 'mmHg', '128/82'],
      ['pulse', 'per minute', '74'],
      ['temperature', '°C', '36.8'],
      ['weight', 'kg', '71.2'],
    ])
    expect(series[0]?.points[0]?.takenAt).toBe('2026-11-20T14:30:00.000Z')
  })

  test('the trail names the fields that were written, one row per observation, and no value', async () => {
    const patient = await newPatient()
    await recordVitals(nadia, patient, form({ pulse: null, temperature: null, weight: null }))
    const rows = await records.raw<{
      outcome: string
      changed_fields: Record<string, string[]>
      text: string
    }>(
      `SELECT outcome, changed_fields, l::text AS text FROM audit.patient_phi_audit_log l
        WHERE patient_id = $1 AND view = 'vitals-entry' ORDER BY seq`,
      [patient],
    )
    expect(rows.map(({ outcome }) => outcome)).toEqual(['ALLOWED', 'EFFECT'])
    expect(rows[1]?.changed_fields['Observation']).toEqual(
      expect.arrayContaining(['code', 'display', 'value', 'components', 'effectiveAt', 'performer']),
    )
    // Ids, times and digests may hold any digits; the value would stand apart from them.
    expect(rows.map(({ text }) => text).join()).not.toMatch(/(?<![\w-])128(?![\w-])/)
  })
})

describe('a form that arrives twice', () => {
  test('one after the other writes once', async () => {
    const patient = await newPatient()
    const input = form()
    await recordVitals(nadia, patient, input)
    expect(await recordVitals(nadia, patient, input)).toMatchObject({ value: { kind: 'already-saved' } })
    expect(await observations(patient)).toEqual([{ count: 4 }])
  })

  test('at the same moment writes once, and both answers say that it is saved', async () => {
    const patient = await newPatient()
    const input = form()
    const outcomes = await Promise.all([1, 2, 3].map(() => recordVitals(nadia, patient, input)))
    const kinds = outcomes.map((outcome) =>
      outcome.kind === 'granted' ? outcome.value.kind : outcome.reason,
    )
    expect(kinds.toSorted()).toEqual(['already-saved', 'already-saved', 'saved'])
    expect(await observations(patient)).toEqual([{ count: 4 }])
  })

  test('a key that belongs to another patient’s row saves nothing and says nothing about that row', async () => {
    const [first, second] = [await newPatient(), await newPatient()]
    const input = form()
    await recordVitals(nadia, first, input)
    await expect(recordVitals(nadia, second, input)).rejects.toMatchObject({ code: 'P2002' })
    expect(await observations(second)).toEqual([{ count: 0 }])
  })
})

describe('unlikely values', () => {
  test('are asked about, saved when confirmed, and compared with the last weight', async () => {
    const patient = await newPatient()
    await recordVitals(nadia, patient, form())
    const slip = form({ weight: 42, takenTime: '09:00' })
    const asked = await recordVitals(nadia, patient, slip)
    expect(asked).toMatchObject({ value: { kind: 'doubtful', doubts: [{ field: 'weight' }] } })
    expect(await observations(patient)).toEqual([{ count: 4 }])
    const shown =
      asked.kind === 'granted' && asked.value.kind === 'doubtful'
        ? asked.value.doubts.map(({ message }) => message)
        : []
    // What was ticked was about the weight. A pulse that was mistyped at the same moment is another question.
    const another = await recordVitals(nadia, patient, { ...slip, pulse: 740, confirmed: shown })
    expect(another).toMatchObject({
      value: { kind: 'doubtful', doubts: [{ field: 'pulse' }, { field: 'weight' }] },
    })
    expect(await recordVitals(nadia, patient, { ...slip, weight: 24, confirmed: shown })).toMatchObject({
      value: { kind: 'doubtful', doubts: [{ field: 'weight' }] },
    })
    expect(await observations(patient)).toEqual([{ count: 4 }])
    expect(await recordVitals(nadia, patient, { ...slip, confirmed: shown })).toMatchObject({
      value: { kind: 'saved' },
    })
  })

  test('a time in the future and an empty form are not saved', async () => {
    const later = await recordVitals(nadia, maria, form({ takenDay: '2099-01-01' }))
    expect(later).toMatchObject({ value: { kind: 'invalid', field: 'takenTime' } })
    const empty = form({ systolic: null, diastolic: null, pulse: null, temperature: null, weight: null })
    expect(await recordVitals(nadia, maria, empty)).toMatchObject({ value: { kind: 'invalid' } })
  })
})

describe('a vital sign that was entered in error', () => {
  test('leaves the chart and stays in the record with its earlier version', async () => {
    const patient = await newPatient()
    await recordVitals(
      nadia,
      patient,
      form({ pulse: 47, systolic: null, diastolic: null, temperature: null, weight: null }),
    )
    const [row] = await records.raw<{ id: string }>('SELECT id FROM phi.observation WHERE patient_id = $1', [
      patient,
    ])
    expect(await withdrawVital(nadia, patient, row?.id ?? '')).toMatchObject({ value: { kind: 'withdrawn' } })
    expect(await withdrawVital(nadia, patient, row?.id ?? '')).toMatchObject({
      value: { kind: 'already-withdrawn' },
    })
    expect(await listVitals(nadia, patient)).toMatchObject({ value: { series: [] } })
    const history = await records.raw('SELECT version FROM phi.row_history WHERE row_id = $1', [row?.id])
    expect(history).toEqual([{ version: 1 }])
  })

  test('of another patient is not found under this one', async () => {
    const [first, second] = [await newPatient(), await newPatient()]
    await recordVitals(nadia, first, form())
    const [row] = await records.raw<{ id: string }>('SELECT id FROM phi.observation WHERE patient_id = $1', [
      first,
    ])
    expect(await withdrawVital(nadia, second, row?.id ?? '')).toMatchObject({ value: { kind: 'not-found' } })
  })
})

describe('vital signs of others', () => {
  test('cannot be read', async () => {
    await expectRefused(records, maria, 'Plantedname', (actor) => listVitals(actor, maria))
  })

  test('cannot be written', async () => {
    const before = await observations(maria)
    await expectRefused(records, maria, 'Plantedname', (actor) => recordVitals(actor, maria, form()))
    await expectRefused(records, maria, 'Plantedname', (actor) => withdrawVital(actor, maria, randomUUID()))
    expect(await observations(maria)).toEqual(before)
  })
})
