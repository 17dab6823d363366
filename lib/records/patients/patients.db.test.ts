import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '#lib/policy/actor.ts'
import { openChart } from '#lib/records/chart/open-chart.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import type { RegisterInput } from './input.ts'
import { registerPatient } from './register-patient.ts'
import { findPatients, searchPatients } from './search-patients.ts'
import { startPatientSearch } from './start-patient-search.ts'

let records: RecordCast
let nadia: Actor
beforeAll(async () => {
  records = await makeRecordCast()
  nadia = { ...records.actors.nurse, displayName: 'Nadia Osei' }
})
afterAll(() => records.close())

const form = (fields: Partial<RegisterInput> = {}): RegisterInput => ({
  key: randomUUID(),
  familyName: 'Okafor',
  givenName: 'Chidi',
  preferredName: '',
  birthMonth: '4',
  birthDay: '2',
  birthYear: '1979',
  sex: 'male',
  pronouns: '',
  language: '',
  mrn: '',
  phone: '312 555 0142',
  email: '',
  addressLine: '1 Main Street',
  city: 'Chicago',
  state: '',
  postalCode: '',
  ssn: '',
  carer: `account:${nadia.accountId}`,
  reason: '',
  confirmed: [],
  ...fields,
})
const unique = () => `Name${randomUUID().replaceAll(/[^a-z]/g, '')}`
const patientCount = async () =>
  (await records.raw<{ count: number }>('SELECT count(*)::int FROM phi.patient'))[0]?.count

describe('registering a patient', () => {
  test('opens the chart to whoever was chosen and to nobody else', async () => {
    const input = form({ familyName: unique(), preferredName: 'Chi', ssn: '123456789' })
    expect(await registerPatient(nadia, input)).toEqual({ kind: 'registered', patientId: input.key })
    const chart = await openChart(nadia, input.key)
    expect(chart).toMatchObject({
      value: { banner: { displayName: `Chi ${input.familyName}`, birthDate: '1979-04-02' } },
    })
    expect(chart.kind === 'granted' && chart.value?.banner.mrn).toMatch(/^RC-\d{7}$/)
    expect(await openChart(records.actors.clinician, input.key)).toEqual({
      kind: 'denied',
      reason: 'no-relation',
    })
  })

  test('with a team opens it to the team', async () => {
    const [team] = await records.raw<{ care_team_id: string }>(
      'SELECT care_team_id FROM app.care_team_member WHERE account_id = $1',
      [nadia.accountId],
    )
    const input = form({ familyName: unique(), carer: `team:${team?.care_team_id}` })
    await registerPatient(nadia, input)
    expect(await openChart(records.actors.clinician, input.key)).toMatchObject({ kind: 'granted' })
  })

  test('keeps the social security number out of what care can read, but for its last four digits', async () => {
    const input = form({ familyName: unique(), ssn: '987654321' })
    await registerPatient(nadia, input)
    const found = await findPatients(nadia, { familyName: input.familyName })
    expect(found).toMatchObject({ kind: 'granted', value: [{ ssnLastFour: '4321' }] })
    expect(JSON.stringify(found)).not.toContain('987654321')
  })

  test('twice with the same form registers one person', async () => {
    const input = form({ familyName: unique() })
    const outcomes = await Promise.all([registerPatient(nadia, input), registerPatient(nadia, input)])
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['already-registered', 'registered'])
    expect(await registerPatient(nadia, input)).toEqual({ kind: 'already-registered', patientId: input.key })
    expect(await registerPatient(nadia, { ...input, confirmed: [randomUUID()] })).toMatchObject({
      kind: 'already-registered',
    })
    const rows = await records.raw('SELECT 1 FROM phi.care_relationship WHERE patient_id = $1', [input.key])
    expect(rows).toHaveLength(1)
  })

  test('shows patients with the same family name and birth date first', async () => {
    const [familyName, mistyped] = [unique(), unique()]
    const first = form({ familyName })
    const namesake = form({ familyName: mistyped })
    await registerPatient(nadia, first)
    await registerPatient(nadia, namesake)
    const second = form({ familyName, givenName: 'Ada' })
    const before = await patientCount()
    expect(await registerPatient(nadia, second)).toMatchObject({
      kind: 'similar',
      patients: [{ patient: { displayName: `Chidi ${familyName}` } }],
    })
    expect(await patientCount()).toBe(before)
    // "None of them" was said of those who were shown for the mistyped name.
    expect(await registerPatient(nadia, { ...second, confirmed: [namesake.key] })).toMatchObject({
      kind: 'similar',
    })
    expect(await patientCount()).toBe(before)
    expect(await registerPatient(nadia, { ...second, confirmed: [first.key] })).toMatchObject({
      kind: 'registered',
    })
  })

  test('refuses a record number that is in use, and says so at its field', async () => {
    const mrn = `M-${randomUUID().slice(0, 8)}`
    await registerPatient(nadia, form({ familyName: unique(), mrn }))
    const second = form({ familyName: unique(), mrn })
    expect(await registerPatient(nadia, second)).toEqual({
      kind: 'problems',
      problems: [{ field: 'mrn', message: 'This MRN is in use' }],
    })
    expect(await records.raw('SELECT 1 FROM phi.patient WHERE id = $1', [second.key])).toEqual([])
  })

  test('says everything that is missing at once, in the order of the page', async () => {
    const outcome = await registerPatient(nadia, {})
    const fields = outcome.kind === 'problems' ? outcome.problems.map(({ field }) => field) : []
    expect(fields.slice(0, 4)).toEqual(['givenName', 'familyName', 'birth', 'sex'])
  })

  test('refuses a birth date that is none, or is still to come', async () => {
    for (const birth of [{ birthDay: '31', birthMonth: '2' }, { birthYear: '2999' }, { birthYear: '79' }]) {
      expect(await registerPatient(nadia, form({ familyName: unique(), ...birth }))).toMatchObject({
        kind: 'problems',
        problems: [{ field: 'birth' }],
      })
    }
  })

  test('is for nurses and clinicians', async () => {
    const before = await patientCount()
    for (const role of ['billing', 'admin', 'patient', 'compliance'] as const) {
      const input = form({ familyName: unique(), confirmed: [] })
      expect(await registerPatient(records.actors[role], input), role).toEqual({
        kind: 'denied',
        reason: 'no-policy',
      })
    }
    expect(await patientCount()).toBe(before)
  })

  test('of an id that exists and is somebody else’s changes nothing and tells nothing', async () => {
    const stranger = await records.addPatient({ familyName: 'Plantedname' })
    const outcome = await registerPatient(nadia, form({ key: stranger, familyName: unique(), confirmed: [] }))
    expect(outcome).toEqual({ kind: 'denied', reason: 'no-relation' })
  })

  test('leaves rows that name the fields and hold no value', async () => {
    const input = form({ familyName: unique(), ssn: '123456789' })
    await registerPatient(nadia, input)
    const rows = await records.raw<{ outcome: string; resource_type: string; text: string }>(
      `SELECT outcome, resource_type, l::text AS text FROM audit.patient_phi_audit_log l WHERE patient_id = $1 ORDER BY seq`,
      [input.key],
    )
    expect(rows.map((row) => [row.outcome, row.resource_type])).toEqual([
      ['ALLOWED', 'Patient'],
      ['EFFECT', 'Patient'],
      ['EFFECT', 'PatientContact'],
      ['EFFECT', 'PatientContact'],
      ['EFFECT', 'CareRelationship'],
    ])
    const all = rows.map(({ text }) => text).join()
    for (const value of [input.familyName, '123456789', '1979-04-02']) expect(all).not.toContain(value)
  })
})

describe('finding a patient', () => {
  const search = async (actor: Actor, typed: object) => {
    const started = await startPatientSearch(actor, typed)
    if (started.kind === 'problems') return started
    return { ...(await searchPatients(actor, started.filterId)), filterId: started.filterId }
  }

  test('works by name, by name and birth date, and by record number, and marks the same name', async () => {
    const familyName = unique()
    await registerPatient(nadia, form({ familyName, mrn: `${familyName.slice(4, 10)}1` }))
    await registerPatient(nadia, form({ familyName, birthYear: '1981' }))
    const both = await search(nadia, { familyName: familyName.toUpperCase() })
    expect(both).toMatchObject({
      result: {
        kind: 'found',
        patients: [{ sharesName: true, patient: { birthDate: '1979-04-02' } }, { sharesName: true }],
      },
    })
    const one = { familyName, birthMonth: '04', birthDay: '2', birthYear: '1981' }
    expect(await search(nadia, one)).toMatchObject({ result: { patients: [{ sharesName: false }] } })
    expect(await search(nadia, { mrn: `${familyName.slice(4, 10)}1` })).toMatchObject({
      result: { patients: [{}] },
    })
  })

  test('finds nobody else’s patients, and writes down each one it shows', async () => {
    const familyName = unique()
    await records.addPatient({ familyName, givenName: 'Stranger' })
    const mine = await records.addPatient({ familyName, givenName: 'Mine' }, nadia)
    expect(await search(nadia, { familyName })).toMatchObject({
      result: { patients: [{ patient: { patientId: mine } }] },
    })
    const rows = await records.raw(
      `SELECT patient_id, outcome FROM audit.patient_phi_audit_log WHERE action_type = 'SEARCH' AND patient_id = $1`,
      [mine],
    )
    expect(rows).toEqual([{ patient_id: mine, outcome: 'ALLOWED' }])
  })

  test('of nobody is an empty answer and a security event', async () => {
    const before = await records.raw(
      `SELECT 1 FROM audit.security_event_log WHERE event_type = 'PATIENT_SEARCH_NO_MATCH'`,
    )
    expect(await search(nadia, { familyName: unique() })).toMatchObject({
      result: { kind: 'found', patients: [] },
    })
    const after = await records.raw(
      `SELECT 1 FROM audit.security_event_log WHERE event_type = 'PATIENT_SEARCH_NO_MATCH'`,
    )
    expect(after.length).toBe(before.length + 1)
  })

  test('of more than twenty asks for more', async () => {
    const familyName = unique()
    for (let index = 0; index < 21; index += 1) await records.addPatient({ familyName }, nadia)
    expect(await search(nadia, { familyName })).toMatchObject({ result: { kind: 'too-many' } })
  })

  test('needs the family name or the record number, and a whole birth date', async () => {
    expect(await search(nadia, { givenName: 'Ann' })).toMatchObject({
      kind: 'problems',
      problems: [{ field: 'familyName' }],
    })
    expect(await search(nadia, { familyName: 'Reyes', birthYear: '1979' })).toMatchObject({
      problems: [{ field: 'birth' }],
    })
  })

  test('of a kept form is for the person who typed it', async () => {
    const familyName = unique()
    await records.addPatient({ familyName }, nadia)
    const started = await startPatientSearch(nadia, { familyName })
    const filterId = started.kind === 'started' ? started.filterId : ''
    expect((await searchPatients(records.actors.clinician, filterId)).result).toEqual({ kind: 'expired' })
    expect((await searchPatients(nadia, 'no-id')).result).toEqual({ kind: 'expired' })
    const kept = await records.raw<{ text: string }>(
      'SELECT f::text AS text FROM app.saved_filter f WHERE id = $1',
      [filterId],
    )
    expect(kept[0]?.text).not.toContain(familyName)
  })

  test('is for nurses and clinicians', async () => {
    for (const role of ['billing', 'admin', 'patient', 'compliance'] as const) {
      expect(await findPatients(records.actors[role], { familyName: 'Reyes' }), role).toEqual({
        kind: 'denied',
        reason: 'no-policy',
      })
    }
  })
})
