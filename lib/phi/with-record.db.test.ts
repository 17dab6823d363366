import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { withRecord } from './with-record.ts'

let records: RecordCast
let maria: string
beforeAll(async () => {
  records = await makeRecordCast()
  maria = await records.addPatient(
    { familyName: 'Santos', givenName: 'Maria', mrn: 'MRN-1' },
    records.actors.nurse,
  )
})
afterAll(() => records.close())

describe('the door', () => {
  test('shows what was admitted, decrypted, and leaves its row', async () => {
    const outcome = await withRecord(
      records.actors.nurse,
      { view: 'chart-summary', action: 'READ', patients: [maria] },
      (record) =>
        record.patient.findUnique({
          where: { id: maria },
          select: { familyName: true, givenName: true, mrn: true },
        }),
    )
    expect(outcome).toEqual({
      kind: 'granted',
      value: { familyName: 'Santos', givenName: 'Maria', mrn: 'MRN-1' },
      patients: [maria],
    })
    const [row] = await records.raw<{ outcome: string }>(
      `SELECT outcome FROM audit.patient_phi_audit_log WHERE patient_id = $1 AND view = 'chart-summary'`,
      [maria],
    )
    expect(row?.outcome).toBe('ALLOWED')
  })
})
