import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ageInYears,
  dateFromParts,
  formatAge,
  formatAgeGrouped,
  formatAuditTimestamp,
  formatDateForPatient,
  formatDateForStaff,
  formatDateTimeForPatient,
  formatDateTimeForStaff,
  formatDayHeading,
  formatMoney,
  formatMonth,
  formatMonthDay,
  formatMonthYear,
  formatName,
  formatOffset,
  formatStaleness,
  formatZoneName,
  initials,
  localDay,
  plural,
} from './format.ts'

const chicago = 'America/Chicago'

describe('times for patients', () => {
  it.each([
    ['2026-11-21T14:30:00Z', 'November 21, 2026, 8:30 a.m. CST'],
    ['2026-07-04T18:00:00Z', 'July 4, 2026, 1:00 p.m. CDT'],
    ['2026-07-04T17:00:00Z', 'July 4, 2026, noon CDT'],
    ['2026-07-04T05:00:00Z', 'July 4, 2026, midnight CDT'],
    ['2026-07-04T05:05:00Z', 'July 4, 2026, 12:05 a.m. CDT'],
    ['2026-11-21', 'November 21, 2026'],
  ])('%s is written %s', (iso, text) => expect(formatDateTimeForPatient(iso, chicago)).toBe(text))

  it('names the right zone on both sides of the hour that is skipped in March', () => {
    expect(formatDateTimeForPatient('2026-03-08T07:59:00Z', chicago)).toBe('March 8, 2026, 1:59 a.m. CST')
    expect(formatDateTimeForPatient('2026-03-08T08:00:00Z', chicago)).toBe('March 8, 2026, 3:00 a.m. CDT')
  })

  it('tells the two hours apart that share a clock face in November', () => {
    expect(formatDateTimeForPatient('2026-11-01T06:30:00Z', chicago)).toBe('November 1, 2026, 1:30 a.m. CDT')
    expect(formatDateTimeForPatient('2026-11-01T07:30:00Z', chicago)).toBe('November 1, 2026, 1:30 a.m. CST')
  })

  it('knows zones fourteen hours ahead and half hours', () => {
    expect(formatDateForPatient('2026-01-01T10:30:00Z', 'Pacific/Kiritimati')).toBe('January 2, 2026')
    expect(formatDateTimeForStaff('2026-01-01T00:00:00Z', 'Asia/Kolkata')).toBe('2026-01-01 05:30')
  })

  it('never moves a birth date, whatever the zone', () => {
    for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'UTC', chicago]) {
      expect(formatDateForPatient('1979-04-02', zone)).toBe('April 2, 1979')
      expect(formatDateForStaff('1979-04-02', zone)).toBe('1979-04-02')
    }
  })

  it('heads a list of days', () => {
    const now = '2026-11-22T15:41:00Z'
    expect(formatDayHeading('2026-11-22T15:04:00Z', now, chicago)).toBe('Today, November 22')
    expect(formatDayHeading('2026-11-21T03:04:00Z', now, chicago)).toBe('Friday, November 20')
    expect(formatDayHeading('2025-12-31', now, chicago)).toBe('Wednesday, December 31, 2025')
  })

  it('labels charts by month and lists by zone', () => {
    expect(formatMonth('2026-11-01T03:00:00Z', chicago)).toBe('Oct 2026')
    expect(formatMonthYear('2026-11-01T03:00:00Z', chicago)).toBe('October 2026')
    expect(formatMonthDay('2026-11-01T03:00:00Z', chicago)).toBe('Oct 31')
    expect(formatZoneName('2026-11-01T03:00:00Z', chicago)).toBe('Central Time')
  })
})

describe('times for staff and for the trail', () => {
  it('uses 24 hours and a leading zero', () => {
    expect(formatDateTimeForStaff('2026-11-21T14:30:00Z', chicago)).toBe('2026-11-21 08:30')
    expect(formatDateTimeForStaff('2026-11-22T06:00:00Z', chicago)).toBe('2026-11-22 00:00')
  })

  it('writes an audit time that parses back to the very same instant', () => {
    expect(formatAuditTimestamp('2026-11-20T08:14:08.412Z', chicago)).toBe('2026-11-20T02:14:08.412-06:00')
    expect(formatAuditTimestamp('2026-11-20T08:14:08.002Z', 'UTC')).toBe('2026-11-20T08:14:08.002+00:00')
    fc.assert(
      fc.property(
        fc.date({
          min: new Date('1995-01-01T00:00:00Z'),
          max: new Date('2060-01-01T00:00:00Z'),
          noInvalidDate: true,
        }),
        fc.constantFrom(chicago, 'Asia/Kolkata', 'Pacific/Kiritimati', 'Australia/Lord_Howe', 'UTC'),
        (instant, zone) => {
          const written = formatAuditTimestamp(instant.toISOString(), zone)
          return new Date(written).getTime() === instant.getTime()
        },
      ),
    )
  })

  it('gives the offset of the season', () => {
    expect(formatOffset('2026-01-15T00:00:00Z', chicago)).toBe('-06:00')
    expect(formatOffset('2026-07-15T00:00:00Z', chicago)).toBe('-05:00')
  })

  it('finds the local day just before and after midnight', () => {
    expect(localDay('2026-11-22T05:59:59Z', chicago)).toBe('2026-11-21')
    expect(localDay('2026-11-22T06:00:00Z', chicago)).toBe('2026-11-22')
  })

  it('says how old a measurement is', () => {
    const now = '2026-11-22T12:00:00Z'
    expect(formatStaleness('2026-11-22T11:51:00Z', now)).toBe('9 minutes old')
    expect(formatStaleness('2026-11-22T10:59:00Z', now)).toBe('1 hour old')
    expect(formatStaleness('2026-11-21T06:00:00Z', now)).toBe('30 hours old')
    expect(formatStaleness('2026-11-19T12:00:00Z', now)).toBe('3 days old')
    expect(formatStaleness('2026-11-22T12:00:05Z', now)).toBe('0 minutes old')
  })
})

describe('ages', () => {
  it('changes on the birthday and not the day before', () => {
    expect(ageInYears('1979-04-02', '2026-04-01')).toBe(46)
    expect(ageInYears('1979-04-02', '2026-04-02')).toBe(47)
    expect(ageInYears('2004-02-29', '2026-02-28')).toBe(21)
    expect(ageInYears('2004-02-29', '2026-03-01')).toBe(22)
  })

  it('speaks of months and days for the youngest', () => {
    expect(formatAge('2025-09-20', '2026-11-22')).toBe('14 months')
    expect(formatAge('2026-11-10', '2026-11-22')).toBe('12 days')
    expect(formatAge('2026-11-21', '2026-11-22')).toBe('1 day')
    expect(formatAge('1979-04-02', '2026-11-22')).toBe('47')
  })

  it('groups all ages from ninety outside the chart', () => {
    expect(formatAgeGrouped('1936-11-23', '2026-11-22')).toBe('89')
    expect(formatAgeGrouped('1936-11-22', '2026-11-22')).toBe('90 or over')
  })
})

describe('money, counts and names', () => {
  it('writes cents as dollars', () => {
    expect(formatMoney(4200)).toBe('$42.00')
    expect(formatMoney(123_450)).toBe('$1,234.50')
    expect(formatMoney(-5)).toBe('\u2212$0.05')
    expect(formatMoney(0)).toBe('$0.00')
  })

  it('counts with the right noun', () => {
    expect(plural(1, 'person', 'people')).toBe('1 person')
    expect(plural(1204, 'entry', 'entries')).toBe('1,204 entries')
  })

  it('uses the name a person goes by', () => {
    expect(formatName({ given: 'Maria Elena', family: 'Reyes' })).toBe('Maria Elena Reyes')
    expect(formatName({ given: 'William', nameToUse: 'Bill', family: "O'Brien" })).toBe("Bill O'Brien")
    expect(formatName({ given: '  ', family: null })).toBe('Name not recorded')
    expect(formatName({ given: '秀英', family: '王' })).toBe('王秀英')
    expect(formatName({ given: 'Олена', family: 'Шевченко' })).toBe('Олена Шевченко')
  })

  it('takes initials from any script', () => {
    expect(initials('Maria Elena Reyes')).toBe('MR')
    expect(initials('王 秀英')).toBe('王秀')
    expect(initials('åsa')).toBe('Å')
    expect(initials('')).toBe('')
    expect(initials("Seán O'Brien")).toBe('SO')
  })
})

describe('dateFromParts', () => {
  it('accepts a day of the calendar', () => {
    expect(dateFromParts({ year: '1979', month: '4', day: ' 2 ' })).toBe('1979-04-02')
    expect(dateFromParts({ year: '2024', month: '02', day: '29' })).toBe('2024-02-29')
  })
  it.each([
    ['2026', '2', '30'],
    ['2026', '13', '1'],
    ['79', '4', '2'],
    ['2026', '', '1'],
    ['2026', 'Apr', '1'],
    ['2023', '2', '29'],
    ['2026', '0', '1'],
  ])('refuses %s-%s-%s', (year, month, day) => expect(dateFromParts({ year, month, day })).toBeNull())
})
