import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '#lib/policy/actor.ts'
import { expectRefused } from '#lib/testing/expect-refused.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { openChart } from './open-chart.ts'

let records: RecordCast
let nadia: Actor
beforeAll(async () => {
  records = await makeRecordCast()
  nadia = records.actors.nurse
})
afterAll(() => records.close())

const chart = async (patientId: string) => {
  const outcome = await openChart(nadia, patientId)
  if (outcome.kind === 'denied') throw new Error(outcome.reason)
  return outcome.value
}

async function fullPatient(): Promise<string> {
  const patientId = await records.addPatient(
    { familyName: 'Reyes', givenName: 'Maria', birthDate: '1979-04-02', mrn: `RC-${Math.random()}` },
    nadia,
  )
  const at = (day: string) => new Date(`${day}T08:30:00Z`)
  await records.change([patientId], async (record) => {
    await record.encounter.create({
      data: { patientId, status: 'finished', startedAt: at('2026-09-14'), display: 'Check-up' },
      select: { id: true },
    })
    for (const [display, status] of [
      ['Hypertension', 'active'],
      ['Sprain', 'resolved'],
    ] as const) {
      await record.condition.create({
        data: { patientId, clinicalStatus: status, display, onsetAt: at('2018-05-01') },
        select: { id: true },
      })
    }
    await record.medicationRequest.create({
      data: {
        patientId,
        status: 'active',
        display: 'Metformin 500 mg',
        dosage: 'twice a day',
        refillsRemaining: 0,
      },
      select: { id: true },
    })
    await record.medicationRequest.create({
      data: { patientId, status: 'stopped', display: 'Ibuprofen' },
      select: { id: true },
    })
    for (const [display, criticality] of [
      ['Latex', 'low'],
      ['Penicillin', 'high'],
    ] as const) {
      await record.allergyIntolerance.create({
        data: {
          patientId,
          clinicalStatus: 'active',
          kind: 'allergy',
          display,
          criticality,
          reactions: [{ manifestations: ['Hives'], severity: 'severe' }],
        },
        select: { id: true },
      })
    }
    for (const [day, value, flag, reviewed] of [
      ['2026-01-05', 4.2, 'normal', true],
      ['2026-11-21', 5.6, 'high', false],
    ] as const) {
      await record.observation.create({
        data: {
          patientId, kind: 'laboratory', status: 'final', effectiveAt: at(day), codeSystem: 'http://loinc.org', code: '2823-3', display: 'Potassium',
          value: String(value), valueNumber: value, unit: 'mmol/L', interpretation: flag,
          ...(reviewed ? { reviewedAt: at(day), reviewedBy: nadia.accountId } : {}),
        },
        select: { id: true },
      }) // prettier-ignore
    }
    await record.observation.create({
      data: {
        patientId,
        kind: 'vital-signs',
        status: 'final',
        effectiveAt: at('2026-11-20'),
        code: '8867-4',
        display: 'Heart rate',
        value: '74',
        valueNumber: 74,
        unit: '/min',
      },
      select: { id: true },
    })
  })
  return patientId
}

describe('a chart', () => {
  test('says who it is, what waits, how they are, what they have and take', async () => {
    const view = await chart(await fullPatient())
    expect(view).toMatchObject({
      banner: {
        displayName: 'Maria Reyes',
        birthDate: '1979-04-02',
        allergies: 'Penicillin (high risk), Latex',
        allergyAlert: true,
      },
      lastVisit: { name: 'Check-up', at: '2026-09-14T08:30:00.000Z' },
      toReview: [{ name: 'Potassium', value: '5.6', flag: 'high', before: '4.2' }],
      toReviewCount: 1,
      vitalsAt: '2026-11-20T08:30:00.000Z',
      vitals: [{ key: 'pulse', points: [{ value: '74' }] }],
      problems: [{ name: 'Hypertension', since: '2018' }],
      medicines: [{ name: 'Metformin 500 mg', dosage: 'twice a day', refills: 0 }],
      allergies: [{ name: 'Penicillin', reactions: 'Hives (severe)', highRisk: true }, { name: 'Latex' }],
    })
  })

  test('of somebody about whom nothing is known is empty and says so', async () => {
    const view = await chart(await records.addPatient({ familyName: 'Empty' }, nadia))
    expect(view).toMatchObject({
      banner: { allergies: 'None recorded', allergyAlert: false, birthDate: null, age: null, mrn: null },
      lastVisit: null, toReview: [], vitals: [], vitalsAt: null, problems: [], medicines: [], allergies: [],
    }) // prettier-ignore
  })

  test('tells no known allergies from none recorded', async () => {
    const patientId = await records.addPatient({ familyName: 'Asked' }, nadia)
    await records.change([patientId], (record) =>
      record.allergyIntolerance.create({
        data: { patientId, clinicalStatus: 'active', kind: 'none-known', display: 'No known allergy' },
        select: { id: true },
      }),
    )
    expect((await chart(patientId))?.banner).toMatchObject({
      allergies: 'No known allergies',
      allergyAlert: false,
    })
  })

  test('leaves one row in the trail that names the fields that were decrypted', async () => {
    const patientId = await fullPatient()
    await chart(patientId)
    const rows = await records.raw<{
      outcome: string
      purpose: string
      changed_fields: Record<string, string[]>
    }>(
      `SELECT outcome, purpose, changed_fields FROM audit.patient_phi_audit_log WHERE patient_id = $1 AND view = 'chart-summary'`,
      [patientId],
    )
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ outcome: 'ALLOWED', purpose: 'TREAT' })
    expect(rows[0]?.changed_fields['MedicationRequest']).toEqual(['display', 'dosage', 'refillsRemaining'])
  })

  test('of somebody else’s patient stays closed', async () => {
    const patientId = await fullPatient()
    await expectRefused(records, patientId, 'Reyes', (actor) => openChart(actor, patientId))
  })
})
