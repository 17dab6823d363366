import { expect, test } from 'vitest'
import { groupVitals, type VitalRow } from './vital-rows.ts'

const row = (fields: Partial<VitalRow>): VitalRow => ({
  id: 'row',
  status: 'final',
  effectiveAt: new Date('2026-11-21T14:30:00Z'),
  code: '8867-4',
  valueNumber: null,
  unit: null,
  interpretation: null,
  components: null,
  ...fields,
})
const pressure = (upper: number, lower: number) => [
  { code: '8480-6', valueNumber: upper },
  { code: '8462-4', valueNumber: lower },
]

test('a chart shows the measures in the nurse’s order with the newest value first, whatever the order of the rows', () => {
  const series = groupVitals([
    row({ id: 'old', valueNumber: 78, effectiveAt: new Date('2026-01-01T00:00:00Z') }),
    row({ id: 'new', valueNumber: 74 }),
    row({ id: 'bp', code: '85354-9', components: pressure(128, 82) }),
  ])
  expect(series.map(({ key }) => key)).toEqual(['blood-pressure', 'pulse'])
  expect(series[0]?.points[0]).toMatchObject({ value: '128/82', valueNumber: 128, lower: 82 })
  expect(series[1]?.points.map(({ id }) => id)).toEqual(['new', 'old'])
})

test('both blood pressure codes in use land in one series', () => {
  const series = groupVitals([
    row({ code: '85354-9', components: pressure(120, 80) }),
    row({ code: '55284-4', components: pressure(118, 79) }),
  ])
  expect(series).toHaveLength(1)
  expect(series[0]?.points).toHaveLength(2)
})

test('a temperature in Fahrenheit and a weight in pounds become the unit of the trend, so that no jump is drawn', () => {
  const [temperature, weight] = groupVitals([
    row({ code: '8310-5', valueNumber: 98.6, unit: '[degF]' }),
    row({ code: '29463-7', valueNumber: 157, unit: '[lb_av]' }),
  ])
  expect(temperature?.points[0]?.value).toBe('37.0')
  expect(weight?.points[0]?.value).toBe('71.2')
})

test('a pressure with half its components, a value without a number, and an unknown code are left out', () => {
  expect(
    groupVitals([
      row({ code: '85354-9', components: [{ code: '8480-6', valueNumber: 120 }] }),
      row({ valueNumber: null }),
      row({ code: '72514-3', valueNumber: 4 }),
      row({ valueNumber: 70, effectiveAt: null }),
    ]),
  ).toEqual([])
})
