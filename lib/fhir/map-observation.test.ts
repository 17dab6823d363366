import { describe, expect, test } from 'vitest'
import { mapFhir, subject } from '#lib/testing/map-fhir.ts'

const loinc = (code: string, display?: string) => ({
  coding: [{ system: 'http://loinc.org', code, ...(display ? { display } : {}) }],
})
const map = async (more: object) => {
  const rows = await mapFhir({
    resourceType: 'Observation',
    id: 'o',
    status: 'final',
    code: loinc('2823-3', 'Potassium'),
    subject,
    ...more,
  })
  const [row] = rows.observation
  if (!row) throw new Error('no row')
  return row
}
const quantity = (value: number, more: object = {}) => ({ valueQuantity: { value, unit: 'mmol/L', ...more } })
const range = (low?: number, high?: number, more: object = {}) => ({
  ...(low === undefined ? {} : { low: { value: low, unit: 'mmol/L' } }),
  ...(high === undefined ? {} : { high: { value: high, unit: 'mmol/L' } }),
  ...more,
})
const flag = (code: string) => [{ coding: [{ code }] }]

describe('values of an observation', () => {
  test.each<[object, object]>([
    [quantity(5.6), { value: '5.6', valueNumber: 5.6, unit: 'mmol/L' }],
    [quantity(0), { value: '0', valueNumber: 0 }],
    [quantity(0.01, { comparator: '<' }), { value: '<0.01', valueNumber: null }],
    [quantity(175.98241711129813), { value: '175.98', valueNumber: 175.98241711129813 }],
    [{ valueQuantity: { value: 3, code: 'mg/dL' } }, { value: '3', unit: 'mg/dL' }],
    [
      { valueCodeableConcept: { coding: [{ code: '260385009', display: 'Negative' }] } },
      { value: 'Negative', valueNumber: null, unit: null },
    ],
    [{ valueString: ' Cloudy ' }, { value: 'Cloudy' }],
    [{ valueBoolean: false }, { value: 'No' }],
    [{ valueInteger: 4 }, { value: '4', valueNumber: 4 }],
    [{ valueRange: { low: { value: 2 }, high: { value: 5, unit: 'cells' } } }, { value: '2–5 cells' }],
    [{ valueRatio: { numerator: { value: 1 }, denominator: { value: 128 } } }, { value: '1:128' }],
    [
      { valueSampledData: { origin: { value: 2048 }, period: 10, dimensions: 1, data: '2041 2043 2037' } },
      { value: '3 samples, 10 ms apart, from 2048' },
    ],
    [{ valueTime: '14:30:00' }, { value: '14:30:00' }],
    [{ valueDateTime: '2019-07' }, { value: '2019-07' }],
    [{ valuePeriod: { start: '2019', end: '2021' } }, { value: '2019 to 2021' }],
    [
      { dataAbsentReason: { coding: [{ code: 'unknown', display: 'Unknown' }] } },
      { value: 'No value: unknown', valueNumber: null },
    ],
    [{}, { value: null, valueNumber: null, unit: null }],
  ])('%j', async (given, expected) => {
    expect(await map(given)).toMatchObject(expected)
  })
})

describe('the flag', () => {
  test.each([
    ['H', 'high'],
    ['HH', 'critical-high'],
    ['L', 'low'],
    ['LL', 'critical-low'],
    ['N', 'normal'],
    ['A', 'abnormal'],
    ['AA', 'abnormal'],
    ['POS', 'abnormal'],
    ['NEG', 'normal'],
    ['hh', 'critical-high'],
    ['<', 'low'],
    ['nonsense', null],
  ])('%s of the laboratory is %s', async (code, expected) => {
    expect((await map({ ...quantity(1), interpretation: flag(code) })).interpretation).toBe(expected)
  })

  test('the laboratory is believed before the range', async () => {
    expect(
      (await map({ ...quantity(4), interpretation: flag('HH'), referenceRange: [range(3.5, 5.1)] }))
        .interpretation,
    ).toBe('critical-high')
  })

  test.each<[number, string | null]>([
    [3.4, 'low'],
    [3.5, 'normal'],
    [5.1, 'normal'],
    [5.2, 'high'],
    [900, 'high'],
  ])('without one, %d against 3.5 to 5.1 is %s and never critical', async (value, expected) => {
    expect((await map({ ...quantity(value), referenceRange: [range(3.5, 5.1)] })).interpretation).toBe(
      expected,
    )
  })

  test('of several the most urgent counts', async () => {
    expect((await map({ interpretation: [...flag('A'), ...flag('L')] })).interpretation).toBe('low')
  })

  test('words, a comparator or no range give none', async () => {
    expect(
      (await map({ ...quantity(9, { comparator: '>' }), referenceRange: [range(3.5, 5.1)] })).interpretation,
    ).toBeNull()
    expect((await map(quantity(9))).interpretation).toBeNull()
  })
})

describe('the reference range', () => {
  test('of several, the normal one is taken', async () => {
    const critical = range(2.8, 6.2, { type: { coding: [{ code: 'critical' }] } })
    expect(
      await map({
        ...quantity(5.6),
        referenceRange: [critical, range(3.5, 5.1, { type: { coding: [{ code: 'normal' }] } })],
      }),
    ).toMatchObject({
      referenceLow: 3.5,
      referenceHigh: 5.1,
      referenceText: '3.5–5.1 mmol/L',
      interpretation: 'high',
    })
  })

  test('with several for different people none is compared with, and all are shown', async () => {
    const women = range(12, 15, { appliesTo: [{ text: 'women' }] })
    const men = range(14, 17, { appliesTo: [{ text: 'men' }] })
    expect(await map({ ...quantity(13), referenceRange: [women, men] })).toMatchObject({
      referenceLow: null,
      referenceHigh: null,
      referenceText: 'women: 12–15 mmol/L; men: 14–17 mmol/L',
      interpretation: null,
    })
  })

  test("one bound is enough, and the source's words stay", async () => {
    expect(
      await map({
        ...quantity(200),
        referenceRange: [range(undefined, 150, { text: 'Desirable: below 150' })],
      }),
    ).toMatchObject({
      referenceLow: null,
      referenceHigh: 150,
      referenceText: 'Desirable: below 150',
      interpretation: 'high',
    })
  })

  test('bounds the wrong way round are shown and not compared with (an example of US Core has them)', async () => {
    expect(await map({ ...quantity(40), referenceRange: [range(46, 38)] })).toMatchObject({
      referenceLow: null,
      referenceHigh: null,
      referenceText: '46–38 mmol/L',
      interpretation: null,
    })
  })

  test('a range in another unit is not compared with', async () => {
    expect(
      await map({ ...quantity(250, { unit: 'umol/L' }), referenceRange: [range(3.5, 5.1)] }),
    ).toMatchObject({ referenceLow: null, interpretation: null })
  })
})

describe('blood pressure and other results with parts', () => {
  const part = (code: string, value?: number) => ({
    code: loinc(code, `part ${code}`),
    ...(value === undefined
      ? { dataAbsentReason: { text: 'Not performed' } }
      : { valueQuantity: { value, unit: 'mm[Hg]' } }),
  })

  test('reads as one value, whatever order the parts come in', async () => {
    const row = await map({
      code: loinc('85354-9'),
      component: [part('8462-4', 76.4), part('8480-6', 128.2)],
    })
    expect(row).toMatchObject({ value: '128/76', unit: 'mm[Hg]', valueNumber: null })
    expect(row.components).toMatchObject([
      { code: '8462-4', valueNumber: 76.4 },
      { code: '8480-6', valueNumber: 128.2, unit: 'mm[Hg]' },
    ])
  })

  test('is not invented when a part was not measured', async () => {
    const row = await map({ code: loinc('85354-9'), component: [part('8480-6', 128), part('8462-4')] })
    expect(row.value).toBeNull()
    expect(row.components).toMatchObject([{ value: '128' }, { value: 'No value: not performed' }])
  })
})

describe('which list it belongs to', () => {
  test.each([
    [['laboratory'], 'laboratory'],
    [['vital-signs'], 'vital-signs'],
    [['social-history'], 'other'],
    [['sdoh', 'survey'], 'other'],
    [[], 'other'],
  ])('%j is %s', async (codes, kind) => {
    expect((await map({ category: codes.map((code) => ({ coding: [{ code }] })) })).kind).toBe(kind)
  })
})

test('the performer is named: the laboratory by its own name, a person by the reference', async () => {
  const rows = await mapFhir(
    { resourceType: 'Organization', id: 'lab', name: 'Acme Labs' },
    { resourceType: 'PractitionerRole', id: 'role', practitioner: { reference: 'Practitioner/doc' } },
    { resourceType: 'Practitioner', id: 'doc', name: [{ text: 'Dr. Bone' }] },
    {
      resourceType: 'Observation',
      id: 'a',
      status: 'final',
      code: { text: 'x' },
      subject,
      performer: [{ reference: 'Organization/lab' }],
    },
    {
      resourceType: 'Observation',
      id: 'b',
      status: 'final',
      code: { text: 'x' },
      subject,
      performer: [{ reference: 'PractitionerRole/role', display: 'Dr. Bone' }],
    },
  )
  expect(rows.observation).toMatchObject([
    { performer: 'Acme Labs', practitionerId: null },
    { performer: 'Dr. Bone', practitionerId: 'Practitioner/doc' },
  ])
})
