import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findDoubts, inCelsius, inKilograms } from './find-doubts.ts'

const nothing = {
  systolic: null,
  diastolic: null,
  pulse: null,
  temperature: null,
  temperatureUnit: 'Cel',
  oxygen: null,
  respiration: null,
  weight: null,
  weightUnit: 'kg',
} as const
const healthy = {
  ...nothing,
  systolic: 128,
  diastolic: 82,
  pulse: 74,
  temperature: 36.8,
  oxygen: 98,
  respiration: 14,
  weight: 71.2,
}
const fields = (doubts: { field: string }[]) => doubts.map(({ field }) => field)

describe('values that a nurse is asked about', () => {
  test('ordinary values pass in silence, in either unit', () => {
    expect(findDoubts(healthy, 72)).toEqual([])
    expect(
      findDoubts(
        { ...healthy, temperature: 98.2, temperatureUnit: '[degF]', weight: 157, weightUnit: '[lb_av]' },
        72,
      ),
    ).toEqual([])
    expect(findDoubts(nothing, null)).toEqual([])
  })

  test('an infant’s pulse, breathing and weight are not called unlikely', () => {
    expect(
      findDoubts({ ...nothing, pulse: 165, respiration: 48, weight: 3.4, systolic: 65, diastolic: 40 }, null),
    ).toEqual([])
  })

  test('a slipped decimal point is asked about', () => {
    expect(fields(findDoubts({ ...healthy, weight: 712 }, null))).toEqual(['weight'])
    expect(fields(findDoubts({ ...healthy, temperature: 368 }, null))).toEqual(['temperature'])
    expect(fields(findDoubts({ ...healthy, oxygen: 9.8 }, null))).toEqual(['oxygen'])
  })

  test('a temperature in the other unit is recognised', () => {
    expect(findDoubts({ ...nothing, temperature: 98.6 }, null)[0]?.message).toContain('Was it taken in °F?')
    expect(
      findDoubts({ ...nothing, temperature: 37, temperatureUnit: '[degF]' }, null)[0]?.message,
    ).toContain('Was it taken in °C?')
  })

  test('pressures the wrong way round are asked about', () => {
    expect(fields(findDoubts({ ...healthy, systolic: 82, diastolic: 128 }, 71))).toEqual(['diastolic'])
  })

  test('a weight far from the last one is asked about, a near one is not', () => {
    expect(findDoubts({ ...nothing, weight: 60 }, 72)[0]?.message).toBe(
      'The weight is 17% below the last one (72 kg)',
    )
    expect(findDoubts({ ...nothing, weight: 66 }, 72)).toEqual([])
  })
})

test('whatever was typed, a value inside its bounds is never asked about and one outside always is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), (pulse) => {
      const asked = findDoubts({ ...nothing, pulse }, null).length > 0
      expect(asked).toBe(pulse < 35 || pulse > 220)
    }),
  )
})

test('units are converted to a tenth', () => {
  expect(inCelsius({ temperature: 100.4, temperatureUnit: '[degF]' })).toBe(38)
  expect(inCelsius({ temperature: 36.85, temperatureUnit: 'Cel' })).toBe(36.85)
  expect(inKilograms({ weight: 157, weightUnit: '[lb_av]' })).toBe(71.2)
  expect(inKilograms({ weight: null, weightUnit: '[lb_av]' })).toBeNull()
})
