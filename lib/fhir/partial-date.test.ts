import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { localDay } from '#lib/format.ts'
import { dayOf, readPartialDate, startOf } from './partial-date.ts'

describe('FHIR dates', () => {
  test.each([
    ['2019', 'year', '2019-01-01T06:00:00.000Z'],
    ['2019-07', 'month', '2019-07-01T05:00:00.000Z'],
    ['2019-03-10', 'day', '2019-03-10T06:00:00.000Z'],
    ['2019-03-11', 'day', '2019-03-11T05:00:00.000Z'],
    ['2015-02-07T13:28:17-05:00', 'instant', '2015-02-07T18:28:17.000Z'],
    ['2016-12-31T23:59:60Z', 'instant', '2016-12-31T23:59:59.000Z'],
    ['2005-07-05T15:29:58.597000+00:00', 'instant', '2005-07-05T15:29:58.597Z'],
  ])('%s is a %s that begins at %s', (text, precision, start) => {
    expect(readPartialDate(text)).toEqual({ text, precision, start: new Date(start) })
  })

  test.each([
    '',
    '0000',
    '99',
    '2019-13',
    '2019-02-29',
    '2019-1-1',
    '2015-02-07T13:28',
    '2015-02-07T13:28:17',
    '2015-02-07T25:00:00Z',
    '2019-02-03 ',
    'yesterday',
  ])('%j is none', (text) => {
    expect(readPartialDate(text)).toBeNull()
  })

  test('a day is shown as that day in the clinic, on every day of the calendar', () => {
    const day = fc
      .date({ min: new Date('1901-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10))
    fc.assert(
      fc.property(day, (text) => {
        expect(localDay(startOf(text)?.toISOString() ?? '')).toBe(text)
        expect(dayOf(text)).toBe(text)
      }),
    )
  })

  test('half a date is no day', () => {
    expect([dayOf('2019'), dayOf('2019-07'), dayOf(undefined)]).toEqual([null, null, null])
  })
})
