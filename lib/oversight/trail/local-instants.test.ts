import { expect, test } from 'vitest'
import { localInstants } from './local-instants.ts'

const zone = 'America/Chicago'
const iso = (local: string, of = zone): string[] | null =>
  localInstants(local, of)?.map((instant) => new Date(instant).toISOString()) ?? null

test('an ordinary time is one instant', () => {
  expect(iso('2026-11-22T09:00')).toEqual(['2026-11-22T15:00:00.000Z'])
  expect(iso('2025-03-03T02:14', 'America/New_York')).toEqual(['2025-03-03T07:14:00.000Z'])
})

test('a time that the clocks skipped does not exist', () => {
  expect(iso('2025-03-09T02:14', 'America/New_York')).toEqual([])
  expect(iso('2026-03-08T02:30')).toEqual([])
})

test('a time that came twice is two instants, so that neither hour is left out of a search', () => {
  expect(iso('2025-11-02T01:30', 'America/New_York')).toEqual([
    '2025-11-02T05:30:00.000Z',
    '2025-11-02T06:30:00.000Z',
  ])
})

test('zones ahead of and behind UTC by half a day hold', () => {
  expect(iso('2026-06-01T00:30', 'Pacific/Kiritimati')).toEqual(['2026-05-31T10:30:00.000Z'])
  expect(iso('2026-06-01T23:30', 'Pacific/Pago_Pago')).toEqual(['2026-06-02T10:30:00.000Z'])
})

test('what is no time is refused', () => {
  for (const text of ['', 'yesterday', '2026-02-30T10:00', '2026-11-22', '2026-11-22T25:00'])
    expect(localInstants(text, zone)).toBeNull()
})
