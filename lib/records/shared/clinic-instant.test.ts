import { expect, test } from 'vitest'
import { clinicInstant } from './clinic-instant.ts'

test('a time on the clinic’s wall clock is stored as the instant it was, in winter and in summer', () => {
  expect(clinicInstant('2026-11-21', '08:30')?.toISOString()).toBe('2026-11-21T14:30:00.000Z')
  expect(clinicInstant('2026-07-04', '23:15')?.toISOString()).toBe('2026-07-05T04:15:00.000Z')
})

test('the hours around the change of the clocks give an instant and not an error', () => {
  expect(clinicInstant('2026-11-01', '01:30')?.toISOString()).toBe('2026-11-01T06:30:00.000Z')
  expect(clinicInstant('2026-03-08', '02:30')?.toISOString()).toMatch(/^2026-03-08T0[78]:30/)
  expect(clinicInstant('2026-03-08', '03:30')?.toISOString()).toBe('2026-03-08T08:30:00.000Z')
})

test('what is no day or no time is refused and not guessed', () => {
  for (const [day, time] of [
    ['2026-02-30', '08:00'],
    ['2026-13-01', '08:00'],
    ['21.11.2026', '08:00'],
    ['2026-11-21', '24:00'],
    ['2026-11-21', '8:00'],
    ['', ''],
  ] as const)
    expect(clinicInstant(day, time), `${day} ${time}`).toBeNull()
})
