import { describe, expect, test } from 'vitest'
import { readableUnit } from '#lib/records/shared/readable-unit.ts'
import { reactionWords } from '#lib/records/shared/reaction-words.ts'
import { dateInWords } from './date-words.ts'
import { readResultsFilter } from './results-filter.ts'
import { readTrailCursor, writeTrailCursor } from './trail-cursor.ts'
import { readTrailPeriod } from './trail-period.ts'

test('a date is never more exact than it is known', () => {
  const at = new Date('2019-03-01T06:00:00Z')
  expect(dateInWords('2019', at)).toBe('2019')
  expect(dateInWords('2019-03', at)).toBe('March 2019')
  expect(dateInWords('2019-03-14', at)).toBe('March 14, 2019')
  expect(dateInWords('age 42 years', null)).toBe('age 42 years')
  expect(dateInWords(null, at)).toBe('March 1, 2019')
  expect(dateInWords(null, null)).toBeNull()
})

test('units are written for people, unknown ones as they came', () => {
  expect(readableUnit('mL/min/{1.73_m2}')).toBe('mL/min/1.73 m²')
  expect(readableUnit('10*3/uL')).toBe('× 10³/µL')
  expect(readableUnit('mmol/L')).toBe('mmol/L')
  for (const none of ['{INR}', '', null, '1']) expect(readableUnit(none)).toBeNull()
})

test('reactions are told with their severity', () => {
  expect(reactionWords([{ manifestations: ['Hives', 'Swelling'], severity: 'mild' }, 'Cough'])).toBe('Hives, Swelling (mild); Cough') // prettier-ignore
  expect(reactionWords([{}])).toBeNull()
  expect(reactionWords('Hives')).toBeNull()
})

describe('what stands in an address', () => {
  test('is one of a few words, or counts as nothing', () => {
    expect(readResultsFilter({ period: '3-months', range: 'out' })).toEqual({
      period: '3-months',
      outOfRange: true,
    })
    expect(readResultsFilter({ period: 'constructor', range: 'x' })).toEqual({
      period: 'all',
      outOfRange: false,
    })
    expect(readTrailPeriod('toString')).toBe('30-days')
    expect(readTrailPeriod('all')).toBe('all')
  })

  test('a place in the trail comes back exactly, to the microsecond; anything else is the beginning', () => {
    const place = { at: '2026-11-22 03:40:01.123456+00', seq: '9007199254740993' }
    expect(readTrailCursor(writeTrailCursor(place))).toEqual(place)
    for (const odd of ['', 'x', 'a'.repeat(300), writeTrailCursor({ at: "1'; --", seq: '1' }), writeTrailCursor({ at: '2026-99-99 03:40:01+00', seq: '1' })])
      expect(readTrailCursor(odd)).toBeNull()
  }) // prettier-ignore
})
