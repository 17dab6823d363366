import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '#lib/policy/actor.ts'
import { openChart } from '#lib/records/chart/open-chart.ts'
import { expectRefused } from '#lib/testing/expect-refused.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { addCarer } from './add-carer.ts'
import { endCarer } from './end-carer.ts'
import type { AddCarerInput } from './input.ts'
import { listCareTeam } from './list-care-team.ts'

let records: RecordCast
let nadia: Actor
let ines: Actor
beforeAll(async () => {
  records = await makeRecordCast()
  nadia = records.actors.nurse
  ines = records.actors.clinician
})
afterAll(() => records.close())

const form = (fields: Partial<AddCarerInput> = {}): AddCarerInput => ({
  key: randomUUID(),
  carer: `account:${ines.accountId}`,
  from: null,
  until: null,
  reason: 'Plantedreason',
  ...fields,
})
const newPatient = () => records.addPatient({ familyName: 'Plantedname' }, nadia)
const team = async (patientId: string, actor = nadia) => {
  const outcome = await listCareTeam(actor, patientId)
  if (outcome.kind === 'denied') throw new Error(outcome.reason)
  return outcome.value?.relationships ?? []
}
const mayOpen = async (actor: Actor, patientId: string) =>
  (await openChart(actor, patientId)).kind === 'granted'

describe('the care team', () => {
  test('opens the record to whoever is added, with the period and the reason', async () => {
    const patient = await newPatient()
    expect(await mayOpen(ines, patient)).toBe(false)
    expect(await addCarer(nadia, patient, form())).toMatchObject({ value: { kind: 'added' } })
    expect(await mayOpen(ines, patient)).toBe(true)
    expect((await team(patient))[0]).toMatchObject({
      carerId: ines.accountId,
      carerKind: 'account',
      reason: 'Plantedreason',
      endsAt: null,
      isCurrent: true,
    })
  })

  test('closes it on the very next request when somebody’s care ends', async () => {
    const patient = await newPatient()
    const input = form()
    await addCarer(nadia, patient, input)
    expect(await endCarer(nadia, patient, input.key)).toMatchObject({ value: { kind: 'ended' } })
    expect(await mayOpen(ines, patient)).toBe(false)
    expect(await endCarer(nadia, patient, input.key)).toMatchObject({ value: { kind: 'already-ended' } })
  })

  test('does not open it before the first day or after the last', async () => {
    const patient = await newPatient()
    await addCarer(nadia, patient, form({ from: '2099-01-01' }))
    expect(await mayOpen(ines, patient)).toBe(false)
    expect((await team(patient)).find(({ carerId }) => carerId === ines.accountId)).toMatchObject({
      isCurrent: false,
    })
    expect(await addCarer(nadia, patient, form({ from: '2020-01-01', until: '2020-02-01' }))).toMatchObject({
      value: { kind: 'invalid', field: 'until' },
    })
  })

  test('is never left empty: nobody could open the record again', async () => {
    const patient = await newPatient()
    const [only] = await team(patient)
    expect(await endCarer(nadia, patient, only?.id ?? '')).toMatchObject({ value: { kind: 'last-one' } })
    expect(await mayOpen(nadia, patient)).toBe(true)
  })

  test('takes the same form once, also at the same moment, and nobody twice', async () => {
    const patient = await newPatient()
    const input = form()
    const outcomes = await Promise.all([addCarer(nadia, patient, input), addCarer(nadia, patient, input)])
    const kinds = outcomes.map((outcome) =>
      outcome.kind === 'granted' ? outcome.value.kind : outcome.reason,
    )
    expect(kinds.toSorted()).toEqual(['added', 'already-added'])
    expect(await addCarer(nadia, patient, form())).toMatchObject({
      value: { kind: 'invalid', field: 'carer' },
    })
    expect(await team(patient)).toHaveLength(2)
  })

  test('of another patient cannot be changed under this one’s address', async () => {
    const [first, second] = [await newPatient(), await newPatient()]
    const [relationship] = await team(second)
    expect(await endCarer(nadia, first, relationship?.id ?? '')).toMatchObject({
      value: { kind: 'not-found' },
    })
  })

  test('leaves effect rows with names of fields and without the reason', async () => {
    const patient = await newPatient()
    const input = form()
    await addCarer(nadia, patient, input)
    await endCarer(nadia, patient, input.key)
    const rows = await records.raw<{ action_type: string; fields: string; text: string }>(
      `SELECT action_type, changed_fields::text AS fields, l::text AS text FROM audit.patient_phi_audit_log l
        WHERE patient_id = $1 AND outcome = 'EFFECT' AND view = 'care-team' ORDER BY seq`,
      [patient],
    )
    expect(rows.map(({ action_type }) => action_type)).toEqual(['CREATE', 'UPDATE'])
    expect(rows[0]?.fields).toContain('"reason"')
    expect(rows[1]?.fields).toContain('"endsAt"')
    expect(rows.map(({ text }) => text).join()).not.toContain('Plantedreason')
  })

  test('of others can neither be read nor changed', async () => {
    const patient = await newPatient()
    const [only] = await team(patient)
    await expectRefused(records, patient, 'Plantedname', (actor) => listCareTeam(actor, patient))
    await expectRefused(records, patient, 'Plantedname', (actor) => addCarer(actor, patient, form()))
    await expectRefused(records, patient, 'Plantedname', (actor) => endCarer(actor, patient, only?.id ?? ''))
    expect(await team(patient)).toHaveLength(1)
  })
})
