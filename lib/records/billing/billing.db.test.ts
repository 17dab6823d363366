import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import { listAccounts } from './list-accounts.ts'
import { openAccount } from './open-account.ts'
import { revealSsn } from './reveal-ssn.ts'

let cast: RecordCast
let patient: string

beforeAll(async () => {
  cast = await makeRecordCast()
  // patients of the plain SQL cast hold cells that do not open; billing's list reads everybody with a claim
  await cast.raw('ALTER TABLE phi.claim_line DISABLE TRIGGER ALL')
  await cast.raw('DELETE FROM phi.claim_line')
  await cast.raw('ALTER TABLE phi.claim DISABLE TRIGGER ALL')
  await cast.raw('DELETE FROM phi.claim')
  await cast.raw('ALTER TABLE phi.claim_line ENABLE TRIGGER ALL')
  await cast.raw('ALTER TABLE phi.claim ENABLE TRIGGER ALL')
  patient = await cast.addPatient({ familyName: 'Reyes', givenName: 'Maria', birthDate: '1979-04-02' })
  await cast.change([patient], async (record) => {
    await record.patient.update({
      where: { id: patient },
      data: { ssn: '900-12-3456', ssnLastFour: '3456' },
      select: { id: true },
    })
    const claim = await record.claim.create({
      data: {
        patientId: patient,
        status: 'active',
        submittedAt: new Date('2026-11-02T10:00:00Z'),
        total: 120,
        kind: 'Professional',
        diagnosisCodes: [{ code: 'N18.2', display: 'Chronic kidney disease' }],
      },
      select: { id: true },
    })
    await record.claimLine.create({
      data: {
        patientId: patient,
        claimId: claim.id,
        lineNumber: 1,
        serviceCategory: 'Laboratory service',
        net: 120,
        serviceDisplay: 'Potassium in blood',
        serviceCode: '2823-3',
      },
      select: { id: true },
    })
    await record.explanationOfBenefit.create({
      data: {
        patientId: patient,
        claimId: claim.id,
        status: 'active',
        submitted: 120,
        insurerPaid: 78,
        patientResponsibility: 42,
      },
      select: { id: true },
    })
  })
})
afterAll(() => cast.close())

describe('billing', () => {
  test('sees what is owed, and not one clinical word', async () => {
    const outcome = await openAccount(cast.actors.billing, patient)
    expect(outcome.kind).toBe('granted')
    if (outcome.kind !== 'granted') return
    expect(outcome.value).toMatchObject({
      identity: { name: 'Maria Reyes', ssnLastFour: '3456' },
      balance: { chargedCents: 12000, insurerPaidCents: 7800, owedCents: 4200 },
      claims: [{ state: 'patient owes', lines: [{ serviceCategory: 'Laboratory service' }] }],
    })
    const text = JSON.stringify(outcome.value)
    for (const word of ['Potassium', 'N18.2', 'kidney', '2823-3', '900-12-3456'])
      expect(text).not.toContain(word)
  })

  test('lists accounts under one admission, a row of the trail for each', async () => {
    const before = await cast.raw(
      `SELECT count(*)::int AS n FROM audit.patient_phi_audit_log WHERE view = 'billing-queue'`,
    )
    const outcome = await listAccounts(cast.actors.billing)
    expect(outcome.kind === 'granted' && outcome.value.rows.map((row) => row.name)).toEqual(['Maria Reyes'])
    const after = await cast.raw(
      `SELECT count(*)::int AS n FROM audit.patient_phi_audit_log WHERE view = 'billing-queue'`,
    )
    expect(Number(after[0]?.['n']) - Number(before[0]?.['n'])).toBe(1)
  })

  test('is refused a note, a result and a chart, and the refusal is on record', async () => {
    for (const view of ['chart-notes', 'chart-results', 'chart-summary'] as const) {
      const outcome = await withRecord(
        cast.actors.billing,
        { view, action: 'READ', patients: [patient] },
        async () => 'seen',
      )
      expect(outcome).toEqual({ kind: 'denied', reason: 'no-policy' })
    }
    const denied = await cast.raw(
      `SELECT view FROM audit.patient_phi_audit_log WHERE outcome = 'DENIED' AND patient_id = $1`,
      [patient],
    )
    expect(denied).toHaveLength(3)
  })

  test('sees the whole social security number only with a second factor under five minutes old', async () => {
    expect(await revealSsn(cast.actors.billing, patient)).toMatchObject({
      kind: 'granted',
      value: '900-12-3456',
    })
    await cast.raw(
      `UPDATE app.session SET second_factor_at = now() - interval '5 minutes 1 second' WHERE account_id = $1`,
      [cast.actors.billing.accountId],
    )
    expect(await revealSsn(cast.actors.billing, patient)).toEqual({
      kind: 'denied',
      reason: 'step-up-needed',
    })
  })
})

test.each(['nurse', 'clinician', 'admin', 'compliance', 'patient', 'proxy'] as const)(
  '%s has no way into an account',
  async (role) => {
    expect(await openAccount(cast.actors[role], patient)).toMatchObject({ kind: 'denied' })
    expect(await revealSsn(cast.actors[role], patient)).toMatchObject({ kind: 'denied' })
    expect(await listAccounts(cast.actors[role])).toEqual({
      kind: 'granted',
      value: { rows: [], next: null },
      patients: [],
    })
  },
)

test('an account that does not exist is not found', async () => {
  expect(await openAccount(cast.actors.billing, '00000000-0000-4000-8000-000000000000')).toEqual({
    kind: 'denied',
    reason: 'no-relation',
  })
})
