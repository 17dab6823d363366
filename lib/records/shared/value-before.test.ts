import { expect, test } from 'vitest'
import { valueBefore, type EarlierRow } from './value-before.ts'

const row = (id: string, day: string, fields: Partial<EarlierRow> = {}): EarlierRow => ({
  id,
  code: '2823-3',
  value: id,
  unit: 'mmol/L',
  effectiveAt: new Date(`${day}T08:30:00Z`),
  ...fields,
})

test('the value before is the newest earlier one of the same test', () => {
  const rows = [
    row('oldest', '2025-01-01'),
    row('before', '2026-05-01'),
    row('now', '2026-11-21'),
    row('later', '2026-11-22'),
  ]
  expect(valueBefore(row('now', '2026-11-21'), rows)?.id).toBe('before')
})

test('another test, another unit and a result without a time are never taken for the value before', () => {
  const rows = [
    row('sodium', '2026-01-01', { code: '2951-2' }),
    row('milligrams', '2026-01-01', { unit: 'mg/dL' }),
    row('undated', '2026-01-01', { effectiveAt: null }),
  ]
  expect(valueBefore(row('now', '2026-11-21'), rows)).toBeNull()
  expect(
    valueBefore(row('now', '2026-11-21', { code: null }), [row('x', '2026-01-01', { code: null })]),
  ).toBeNull()
})
