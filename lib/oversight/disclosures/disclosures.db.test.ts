import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Outcome } from '#lib/phi/types.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { askAccounting } from '#lib/records/my-record/ask-accounting.ts'
import { downloadAccounting } from '#lib/records/my-record/download-accounting.ts'
import { listMyDisclosures } from '#lib/records/my-record/list-my-disclosures.ts'
import { listWhoLooked } from '#lib/records/my-record/list-who-looked.ts'
import { openAccessEntry } from '#lib/records/my-record/open-access-entry.ts'
import { admit, asUnit, fakeCiphertext } from '#lib/testing/door-cast.ts'
import { signInToPortal } from '#lib/testing/portal.ts'
import { readPdf } from '#lib/testing/read-pdf.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { findLedgerPatient } from './find-patient.ts'
import { correctionInput, disclosureInput, suspensionInput } from './input.ts'
import { listAccountings } from './list-accountings.ts'
import { openLedger } from './open-ledger.ts'
import { correctDisclosure, recordDisclosure } from './record-disclosure.ts'
import { stepAccounting } from './step-accounting.ts'
import { suspendDisclosure } from './suspend-disclosure.ts'
import { writeLetter } from './write-letter.ts'

let records: RecordCast
let carla: Actor
beforeAll(async () => {
  records = await makeRecordCast()
  carla = records.actors.compliance
})
afterAll(() => records.close())

const value = <T>(outcome: Outcome<T>): T => {
  if (outcome.kind === 'denied') throw new Error(outcome.reason)
  return outcome.value
}
const day = (daysFromNow: number) =>
  new Date(Date.now() + daysFromNow * 86_400_000).toISOString().slice(0, 10)
const form = (over: Record<string, string> = {}) => ({
  key: randomUUID(),
  date: day(-40),
  lastDate: '',
  times: '',
  basis: 'public-health',
  recipientName: 'Plantedboard of health',
  recipientAddress: '1 Planted Street',
  what: 'A plantedlab report',
  purpose: 'The law asks laboratories to report it.',
  ...over,
})
async function someone() {
  const patientId = await records.addPatient({ familyName: 'Reyes', givenName: 'Maria' })
  return { patientId, patient: await signInToPortal(records, 'patient', [patientId]) }
}
async function recorded(patientId: string, over: Record<string, string> = {}): Promise<string> {
  const input = disclosureInput.parse(form(over))
  expect(value(await recordDisclosure(carla, patientId, input))).toEqual({ kind: 'recorded' })
  return input.key
}
/** Asks for and is given an accounting of the last year; the letter's words. */
async function accounted(patientId: string, patient: Actor): Promise<{ text: string; request: string }> {
  const input = { key: randomUUID(), from: day(-365), to: day(0) }
  expect(value(await askAccounting(patient, patientId, input))).toEqual({ kind: 'asked' })
  expect(value(await stepAccounting(carla, patientId, input.key, { kind: 'provide' }))).toEqual({ kind: 'done' })
  return { text: await letter(patient, patientId, input.key), request: input.key }
} // prettier-ignore
async function letter(patient: Actor, patientId: string, request: string): Promise<string> {
  const file = value(await downloadAccounting(patient, patientId, request))
  return file ? readPdf(file).text.replace(/\s+/g, ' ') : ''
}

describe('an accounting', () => {
  test('is asked for, due in 60 days, given, and tells date, recipient, what and why', async () => {
    const { patientId, patient } = await someone()
    await recorded(patientId)
    await recorded(patientId, { lastDate: day(-10), times: '3', recipientName: 'Plantedregistry', recipientAddress: '' })
    await recorded(patientId, { date: day(-500), recipientName: 'Plantedlongago' })
    const input = { key: randomUUID(), from: day(-365), to: day(0) }
    expect(value(await askAccounting(patient, patientId, input))).toEqual({ kind: 'asked' })
    expect(value(await askAccounting(patient, patientId, input))).toEqual({ kind: 'already-asked' })
    expect(value(await downloadAccounting(patient, patientId, input.key))).toBeNull()
    const [waiting] = (await listAccountings(carla, false)).filter(({ id }) => id === input.key)
    expect((Date.parse(waiting?.dueAt ?? '') - Date.parse(waiting?.requestedAt ?? '')) / 86_400_000).toBe(60)
    expect(value(await stepAccounting(carla, patientId, input.key, { kind: 'provide' }))).toEqual({ kind: 'done' })
    const text = await letter(patient, patientId, input.key)
    for (const word of ['Maria Reyes', 'Plantedboard of health', '1 Planted Street', 'A plantedlab report', 'Public health', 'Plantedregistry', '3 times'])
      expect(text).toContain(word)
    expect(text).not.toContain('Plantedlongago')
    expect(value(await listMyDisclosures(patient, patientId))?.requests).toMatchObject([{ id: input.key, status: 'provided' }])
  }) // prettier-ignore

  test('is of the ledger as it stood when it was given', async () => {
    const { patientId, patient } = await someone()
    const { request } = await accounted(patientId, patient)
    await recorded(patientId, { recipientName: 'Plantedlater' })
    expect(await letter(patient, patientId, request)).not.toContain('Plantedlater')
    expect((await accounted(patientId, patient)).text).toContain('Plantedlater')
  })

  test('may take 30 days more, once, with the reason told', async () => {
    const { patientId, patient } = await someone()
    const input = { key: randomUUID(), from: day(-30), to: day(0) }
    await askAccounting(patient, patientId, input)
    const before = value(await listMyDisclosures(patient, patientId))?.requests[0]
    const extend = { kind: 'extend', reason: 'We wait for an answer of the registry.' } as const
    expect(value(await stepAccounting(carla, patientId, input.key, extend))).toEqual({ kind: 'done' })
    expect(value(await stepAccounting(carla, patientId, input.key, extend))).toEqual({ kind: 'already-done' })
    const after = value(await listMyDisclosures(patient, patientId))?.requests[0]
    expect(after).toMatchObject({ status: 'extended', extensionReason: extend.reason })
    expect((Date.parse(after?.dueAt ?? '') - Date.parse(before?.dueAt ?? '')) / 86_400_000).toBe(30)
  })

  test('goes back six years and no further', async () => {
    const { patientId, patient } = await someone()
    const ask = (from: string, to: string) =>
      askAccounting(patient, patientId, { key: randomUUID(), from, to })
    expect(value(await ask('2001-01-01', '2002-01-01'))).toMatchObject({ kind: 'invalid' })
    expect(value(await ask('2001-01-01', day(0)))).toEqual({ kind: 'asked' })
    expect(value(await listMyDisclosures(patient, patientId))?.requests[0]?.from).toBe(
      `${Number(day(0).slice(0, 4)) - 6}${day(0).slice(4)}`,
    )
  })

  test('by mail is written for whom the officer says, and keeps silence too', async () => {
    const { patientId } = await someone()
    const hidden = await recorded(patientId, { recipientName: 'Plantedsecret' })
    await recorded(patientId)
    const until = { key: randomUUID(), authority: 'County sheriff', statement: 'Would impede', form: 'written', until: day(90) } // prettier-ignore
    await suspendDisclosure(carla, patientId, hidden, suspensionInput.parse(until))
    const file = value(await writeLetter(carla, patientId, { addressee: 'Maria Reyes\n12 Elm Street', from: day(-365), to: day(0) })) // prettier-ignore
    const text = file ? readPdf(file).text : ''
    expect(text).toContain('12 Elm Street')
    expect(text).toContain('Plantedboard of health')
    expect(text).not.toContain('Plantedsecret')
    const kept = await records.raw<{ all: string }>(
      `SELECT string_agg(l::text, '') AS all FROM audit.patient_phi_audit_log l WHERE l.patient_id = $1`,
      [patientId],
    )
    expect(kept[0]?.all).not.toContain('Elm Street')
  })
})

describe('the ledger', () => {
  test('only grows: a correction takes the place of a row, both stay, and a row is corrected once', async () => {
    const { patientId, patient } = await someone()
    const wrong = await recorded(patientId, { recipientName: 'Plantedwrong' })
    const right = correctionInput.parse({
      ...form({ recipientName: 'Plantedright' }),
      reason: 'Wrong name',
    })
    const twice = await Promise.all([
      correctDisclosure(carla, patientId, wrong, right),
      correctDisclosure(carla, patientId, wrong, right),
    ])
    expect(twice.map((outcome) => value(outcome).kind)).toEqual(['recorded', 'recorded'])
    const another = correctionInput.parse({ ...form(), reason: 'Again' })
    expect(value(await correctDisclosure(carla, patientId, wrong, another))).toEqual({
      kind: 'already-corrected',
    })
    const { text } = await accounted(patientId, patient)
    expect(text).toContain('Plantedright')
    expect(text).not.toContain('Plantedwrong')
    const ledger = value(await openLedger(carla, patientId)).rows
    expect(ledger.map(({ state }) => state).toSorted()).toEqual(['corrected', 'counts'])
    const back = correctionInput.parse({ ...form(), reason: 'It never took place', withdrawn: 'yes' })
    await correctDisclosure(carla, patientId, right.key, back)
    expect((await accounted(patientId, patient)).text).toContain('We gave out nothing')
  })

  test('is changed by no role, and not even by its owner', async () => {
    const { patientId } = await someone()
    await recorded(patientId)
    const admission = await admit(records.cast.sql.app, { token: carla.sessionToken }, 'disclosure-ledger', 'UPDATE', [patientId], { Disclosure: ['what'] }) // prettier-ignore
    for (const statement of ['UPDATE phi.disclosure SET withdrawn = true', 'DELETE FROM phi.disclosure'])
      await expect(
        asUnit(records.cast.sql.app, 'phi_compliance', admission.request, (unit) => unit.query(statement)),
      ).rejects.toThrow('permission denied')
    for (const statement of [
      `UPDATE phi.disclosure SET what = '${fakeCiphertext()}'`,
      'DELETE FROM phi.disclosure',
      'TRUNCATE phi.disclosure CASCADE',
    ])
      await expect(records.raw(statement)).rejects.toThrow(/only grows/)
  })

  test('is ciphertext, and recorded only after it took place', async () => {
    const { patientId } = await someone()
    await recorded(patientId)
    const late = disclosureInput.parse(form({ date: day(3) }))
    expect(value(await recordDisclosure(carla, patientId, late))).toMatchObject({
      kind: 'invalid',
      field: 'date',
    })
    const [rows] = await records.raw<{ all: string }>(
      'SELECT string_agg(d::text, $2) AS all FROM phi.disclosure d WHERE patient_id = $1',
      [patientId, ''],
    )
    expect(rows?.all).toContain('phi1.')
    expect(rows?.all).not.toMatch(/planted|public-health/i)
  })
})

describe('silence that an agency asked for', () => {
  test('hides a disclosure and its corrections from the patient until it ends, by row security', async () => {
    const { patientId, patient } = await someone()
    const secret = await recorded(patientId, { recipientName: 'Plantedsecret' })
    const until = suspensionInput.parse({ key: randomUUID(), authority: 'County sheriff', statement: 'Would impede', form: 'oral', until: day(20) }) // prettier-ignore
    expect(value(await suspendDisclosure(carla, patientId, secret, until))).toEqual({ kind: 'suspended' })
    const correction = correctionInput.parse({ ...form({ recipientName: 'Plantedsecret too' }), reason: 'Typo' }) // prettier-ignore
    await correctDisclosure(carla, patientId, secret, correction)
    const { text, request } = await accounted(patientId, patient)
    expect(text).toContain('We gave out nothing')
    // nor does the list of who looked tell that there is something
    const added = 'Added to the list of disclosures'
    const whoLooked = async () => JSON.stringify(value(await listWhoLooked(patient, patientId, { period: '30-days', withOwn: true }))) // prettier-ignore
    const entries = await records.raw<{ log_id: string }>(
      `SELECT log_id FROM audit.patient_phi_audit_log WHERE patient_id = $1 AND view = 'disclosure-ledger' AND action_type = 'CREATE' AND outcome = 'ALLOWED'`,
      [patientId],
    )
    expect(entries).toHaveLength(3)
    expect(await whoLooked()).not.toContain(added)
    expect(await whoLooked()).not.toContain('silence')
    for (const { log_id } of entries)
      expect(value(await openAccessEntry(patient, patientId, log_id))).toBeNull()
    const admission = await admit(records.cast.sql.app, { token: patient.sessionToken }, 'my-disclosures', 'READ', [patientId]) // prettier-ignore
    const seen = (role: string) =>
      asUnit(records.cast.sql.app, role, admission.request, (unit) => unit.query('SELECT id FROM phi.disclosure')) // prettier-ignore
    expect((await seen('phi_patient')).rowCount).toBe(0)
    await records.raw('ALTER TABLE phi.disclosure_suspension DISABLE TRIGGER USER')
    await records.raw(
      `UPDATE phi.disclosure_suspension SET starts_at = now() - interval '20 days', ends_at = now() - interval '1 second' WHERE patient_id = $1`,
      [patientId],
    )
    await records.raw('ALTER TABLE phi.disclosure_suspension ENABLE TRIGGER USER')
    expect(await letter(patient, patientId, request)).toContain('Plantedsecret too')
    expect(await whoLooked()).toContain(added)
    expect(value(await openAccessEntry(patient, patientId, entries[0]?.log_id ?? ''))).not.toBeNull()
  })

  test('holds for 30 days when it was oral, in the form and in the database', async () => {
    const { patientId } = await someone()
    const id = await recorded(patientId)
    const asked = (over: object) =>
      suspendDisclosure(carla, patientId, id, suspensionInput.parse({ key: randomUUID(), authority: 'County sheriff', statement: 'Would impede', form: 'oral', until: day(45), ...over })) // prettier-ignore
    expect(value(await asked({}))).toMatchObject({ kind: 'invalid', field: 'until' })
    expect(value(await asked({ until: day(-1) }))).toMatchObject({ kind: 'invalid', field: 'until' })
    expect(value(await asked({ form: 'written', until: day(400) }))).toEqual({ kind: 'suspended' })
    const admission = await admit(records.cast.sql.app, { token: carla.sessionToken }, 'disclosure-ledger', 'CREATE', [patientId], { DisclosureSuspension: ['authority', 'statement'] }) // prettier-ignore
    const insert = (days: number) =>
      asUnit(records.cast.sql.app, 'phi_compliance', admission.request, async (unit) => {
        await unit.query(`SELECT audit.effect($1, 'CREATE', 'DisclosureSuspension', '{authority,statement}', '{}', NULL)`, [patientId]) // prettier-ignore
        await unit.query(
          `INSERT INTO phi.disclosure_suspension (id, patient_id, disclosure_id, is_oral, ends_at, authority, statement)
           VALUES (gen_random_uuid(), $1, $2, true, now() + make_interval(days => $3), $4, $4)`,
          [patientId, id, days, fakeCiphertext()],
        )
      })
    await expect(insert(31)).rejects.toThrow(/check constraint/)
    await insert(29)
  })
})

test('others are refused: another patient, staff, a session that is over; and compliance finds a patient by reference alone', async () => {
  const { patientId, patient } = await someone()
  const id = await recorded(patientId)
  const { request } = await accounted(patientId, patient)
  const stranger = await signInToPortal(records, 'patient', [await records.addPatient()])
  const { nurse, admin, billing } = records.actors
  for (const actor of [stranger, nurse, admin, billing, carla]) {
    expect((await downloadAccounting(actor, patientId, request)).kind, actor.role).toBe('denied')
    expect((await askAccounting(actor, patientId, { key: randomUUID(), from: day(-9), to: day(0) })).kind).toBe('denied') // prettier-ignore
  }
  for (const actor of [stranger, patient, nurse, admin, billing]) {
    expect((await openLedger(actor, patientId)).kind, actor.role).toBe('denied')
    expect((await recordDisclosure(actor, patientId, disclosureInput.parse(form()))).kind).toBe('denied')
    expect((await stepAccounting(actor, patientId, request, { kind: 'provide' })).kind).toBe('denied')
    expect(await listAccountings(actor, true), actor.role).toEqual([])
  }
  // Under another patient's address the row is not there.
  const otto = await records.addPatient()
  const correction = correctionInput.parse({ ...form(), reason: 'Elsewhere' })
  expect(value(await correctDisclosure(carla, otto, id, correction))).toEqual({ kind: 'not-found' })
  expect(value(await stepAccounting(carla, otto, request, { kind: 'provide' }))).toEqual({
    kind: 'not-found',
  })
  const found = await findLedgerPatient(carla, {
    familyName: 'Reyes',
    givenName: 'Maria',
    birthDate: '',
    mrn: '',
  })
  expect(found).toMatchObject({ kind: expect.stringMatching(/found|too-many/) })
  expect(JSON.stringify(found)).not.toContain('Maria')
  expect(await findLedgerPatient(nurse, { familyName: 'Reyes', givenName: 'Maria', birthDate: '', mrn: '' })).toEqual({ kind: 'denied' }) // prettier-ignore
})
