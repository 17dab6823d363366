import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '#lib/policy/actor.ts'
import { expectRefused } from '#lib/testing/expect-refused.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { listChartResults } from './list-chart-results.ts'
import { markResultReviewed } from './mark-result-reviewed.ts'
import { openChartResult } from './open-chart-result.ts'

let records: RecordCast
let nadia: Actor
beforeAll(async () => {
  records = await makeRecordCast()
  nadia = { ...records.actors.nurse, displayName: 'Nadia Osei' }
})
afterAll(() => records.close())

type Result = { value: number; day: string; flag?: string; unit?: string; status?: string }

/** A patient with potassium results, each newer than the one before; gives back their ids in that order. */
async function patientWith(results: Result[]): Promise<{ patient: string; ids: string[] }> {
  const patient = await records.addPatient({ familyName: 'Plantedname' }, nadia)
  const ids = results.map(() => randomUUID())
  await records.change([patient], async (record) => {
    for (const [index, result] of results.entries()) {
      await record.observation.create({
        data: {
          id: ids[index] ?? randomUUID(),
          patientId: patient,
          kind: 'laboratory',
          status: result.status ?? 'final',
          effectiveAt: new Date(`${result.day}T08:30:00Z`),
          issuedAt: new Date(`${result.day}T12:00:00Z`),
          codeSystem: 'http://loinc.org',
          code: '2823-3',
          display: 'Potassium',
          value: String(result.value),
          valueNumber: result.value,
          unit: result.unit ?? 'mmol/L',
          interpretation: result.flag ?? 'normal',
          referenceLow: 3.5,
          referenceHigh: 5.1,
        },
        select: { id: true },
      })
    }
    await record.patient.update({
      where: { id: patient },
      data: { attentionAt: new Date('2026-11-21T12:00:00Z') },
      select: { id: true },
    })
  })
  return { patient, ids }
}
const attention = (patient: string) =>
  records.raw<{ attention_at: Date | null }>('SELECT attention_at FROM phi.patient WHERE id = $1', [patient])
const results = async (patient: string, options = {}) => {
  const outcome = await listChartResults(nadia, patient, options)
  return outcome.kind === 'granted' ? outcome.value : null
}

describe('results of a chart', () => {
  test('come newest first, each with the value before it in the same unit', async () => {
    const { patient } = await patientWith([
      { value: 4.2, day: '2026-01-05' },
      { value: 16.4, day: '2026-06-05', unit: 'mg/dL' },
      { value: 5.6, day: '2026-11-21', flag: 'high' },
    ])
    const list = await results(patient)
    expect(list?.results.map(({ value, flag, before }) => [value, flag, before?.value ?? null])).toEqual([
      ['5.6', 'high', '4.2'],
      ['16.4', 'normal', null],
      ['4.2', 'normal', null],
    ])
    expect(list?.waitingCount).toBe(3)
  })

  test('are paged without losing or repeating one', async () => {
    const days = Array.from(
      { length: 45 },
      (_, index) => `2025-0${1 + Math.floor(index / 28)}-${String((index % 28) + 1).padStart(2, '0')}`,
    )
    const { patient, ids } = await patientWith(days.map((day, index) => ({ value: index + 1, day })))
    const first = await results(patient)
    const second = await results(patient, { cursor: first?.next ?? undefined })
    const seen = [...(first?.results ?? []), ...(second?.results ?? [])].map(({ id }) => id)
    expect(seen).toHaveLength(45)
    expect(new Set(seen)).toEqual(new Set(ids))
    expect(second?.next).toBeNull()
  })

  test('one opens with its trend; another patient’s result is not found under this one', async () => {
    const { patient, ids } = await patientWith([
      { value: 4.2, day: '2026-01-05' },
      { value: 5.6, day: '2026-11-21', flag: 'high' },
    ])
    const other = await patientWith([{ value: 4, day: '2026-01-01' }])
    const detail = await openChartResult(nadia, patient, ids[1] ?? '')
    expect(detail).toMatchObject({
      value: { result: { value: '5.6' }, trend: [{ value: '5.6' }, { value: '4.2' }] },
    })
    expect(await openChartResult(nadia, patient, other.ids[0] ?? '')).toMatchObject({
      kind: 'granted',
      value: null,
    })
  })
})

describe('marking a result reviewed', () => {
  test('notes who and when, keeps the comment, and moves the patient in the worklist', async () => {
    const { patient, ids } = await patientWith([
      { value: 4.2, day: '2026-01-05' },
      { value: 5.6, day: '2026-11-21', flag: 'high' },
    ])
    expect(
      await markResultReviewed(nadia, patient, ids[1] ?? '', { comment: 'Repeat next week' }),
    ).toMatchObject({
      value: { kind: 'reviewed' },
    })
    const detail = await openChartResult(nadia, patient, ids[1] ?? '')
    expect(detail).toMatchObject({
      value: { result: { reviewed: true, reviewedBy: nadia.accountId, comment: 'Repeat next week' } },
    })
    expect((await attention(patient))[0]?.attention_at?.toISOString()).toBe('2026-01-05T12:00:00.000Z')
    await markResultReviewed(nadia, patient, ids[0] ?? '', { comment: '' })
    expect(await attention(patient)).toEqual([{ attention_at: null }])
    expect((await results(patient, { waitingOnly: true }))?.results).toEqual([])
  })

  test('of a critical one needs a comment', async () => {
    const { patient, ids } = await patientWith([{ value: 6.9, day: '2026-11-21', flag: 'critical-high' }])
    expect(await markResultReviewed(nadia, patient, ids[0] ?? '', { comment: '' })).toMatchObject({
      value: { kind: 'comment-needed' },
    })
    expect((await results(patient))?.waitingCount).toBe(1)
    expect(
      await markResultReviewed(nadia, patient, ids[0] ?? '', { comment: 'Called the patient' }),
    ).toMatchObject({
      value: { kind: 'reviewed' },
    })
  })

  test('happens once, however often the form arrives', async () => {
    const { patient, ids } = await patientWith([{ value: 5.6, day: '2026-11-21', flag: 'high' }])
    const outcomes = await Promise.all(
      [1, 2, 3].map(() => markResultReviewed(nadia, patient, ids[0] ?? '', { comment: 'Once' })),
    )
    const kinds = outcomes.map((outcome) =>
      outcome.kind === 'granted' ? outcome.value.kind : outcome.reason,
    )
    expect(kinds.toSorted()).toEqual(['already-reviewed', 'already-reviewed', 'reviewed'])
    expect(await openChartResult(nadia, patient, ids[0] ?? '')).toMatchObject({
      value: { result: { comment: 'Once' } },
    })
  })

  test('leaves an effect row with the names of the fields and without the comment', async () => {
    const { patient, ids } = await patientWith([{ value: 5.6, day: '2026-11-21', flag: 'high' }])
    await markResultReviewed(nadia, patient, ids[0] ?? '', { comment: 'Plantedcomment' })
    const rows = await records.raw<{ fields: string; text: string }>(
      `SELECT changed_fields::text AS fields, l::text AS text FROM audit.patient_phi_audit_log l
        WHERE patient_id = $1 AND view = 'chart-results' AND outcome = 'EFFECT'`,
      [patient],
    )
    const fields = rows.map((row) => row.fields).join()
    for (const name of ['reviewedAt', 'reviewedBy', 'note', 'attentionAt']) expect(fields).toContain(name)
    expect(rows.map(({ text }) => text).join()).not.toContain('Plantedcomment')
  })
})

test('results of others can neither be read nor marked', async () => {
  const { patient, ids } = await patientWith([{ value: 5.6, day: '2026-11-21', flag: 'high' }])
  const refused = (verb: (actor: Actor) => Promise<{ kind: string }>) =>
    expectRefused(records, patient, 'Plantedname', verb)
  await refused((actor) => listChartResults(actor, patient))
  await refused((actor) => openChartResult(actor, patient, ids[0] ?? ''))
  await refused((actor) => markResultReviewed(actor, patient, ids[0] ?? '', { comment: 'x' }))
  expect((await results(patient))?.waitingCount).toBe(1)
})
