import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FieldsByModel, RecordClient } from './types.ts'
import { plantRecord } from '#lib/testing/plant-record.ts'
import { granted, makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { viewFields } from '#lib/policy/views.ts'
import { models } from './registry.ts'
import { UndeclaredField } from './record-error.ts'

/*
 * Requirement C3, fields shown = fields logged: for any choice of fields, the trail names exactly those that came back, and
 * one field more than was admitted is refused.
 */
let records: RecordCast
let patient: string
const view = 'chart-summary'
const choices = Object.entries(viewFields(view)).flatMap(([model, names]) =>
  names.map((field) => ({ model, field })),
)

beforeAll(async () => {
  records = await makeRecordCast()
  patient = await records.addPatient({ familyName: 'Property' }, records.actors.nurse)
  await records.change([patient], (record) =>
    plantRecord(record, patient, records.actors.nurse.accountId, (n) => `value ${n}`),
  )
})
afterAll(() => records.close())

const byModel = (chosen: readonly { model: string; field: string }[]): Record<string, string[]> => {
  const fields: Record<string, string[]> = {}
  for (const { model, field } of chosen) (fields[model] ??= []).push(field)
  return fields
}

/** Reads exactly these fields of every row of their models; returns the fields that came back with a value. */
async function show(record: RecordClient, fields: FieldsByModel): Promise<FieldsByModel> {
  const shown: Record<string, string[]> = {}
  for (const [name, selected] of Object.entries(fields)) {
    const delegate = (record as unknown as Record<string, RecordClient['patient']>)[
      models.get(name)?.delegate ?? ''
    ]
    const select = Object.fromEntries(selected.map((field) => [field, true]))
    const rows = (await delegate?.findMany({ take: 10, select } as never)) as unknown as Record<
      string,
      unknown
    >[]
    shown[name] = [...new Set(rows.flatMap((row) => Object.keys(row).filter((key) => row[key] !== null)))]
  }
  return shown
}

const sorted = (fields: FieldsByModel) =>
  Object.fromEntries(
    Object.entries(fields)
      .map(([model, names]) => [model, [...names].sort()])
      .sort(),
  )

test('fields shown are the fields logged, whatever is chosen', async () => {
  await fc.assert(
    fc.asyncProperty(fc.subarray(choices, { minLength: 1 }), async (chosen) => {
      const fields = byModel(chosen)
      const shown = await granted(
        records.actors.nurse,
        { view, action: 'READ', patients: [patient], fields },
        (record) => show(record, fields),
      )
      const [row] = await records.raw<{ changed_fields: FieldsByModel }>(
        `SELECT changed_fields FROM audit.patient_phi_audit_log WHERE patient_id = $1 ORDER BY seq DESC LIMIT 1`,
        [patient],
      )
      expect(sorted(row?.changed_fields ?? {})).toEqual(sorted(shown))
    }),
    { numRuns: 40 },
  )
})

test('one field more than was admitted is refused, and nothing is shown', async () => {
  await fc.assert(
    fc.asyncProperty(fc.subarray(choices, { minLength: 2 }), fc.nat(), async (chosen, pick) => {
      const left = chosen.filter((_each, index) => index !== pick % chosen.length)
      const unit = granted(
        records.actors.nurse,
        { view, action: 'READ', patients: [patient], fields: byModel(left) },
        (record) => show(record, byModel(chosen)),
      )
      await expect(unit).rejects.toThrow(UndeclaredField)
    }),
    { numRuns: 25 },
  )
})

test('control: a field outside the view is not admitted at all', async () => {
  const unit = granted(
    records.actors.nurse,
    { view, action: 'READ', patients: [patient], fields: { Patient: ['ssn'] } },
    (record) => show(record, { Patient: ['ssn'] }),
  )
  await expect(unit).rejects.toThrow('denied: fields-outside-view')
})
