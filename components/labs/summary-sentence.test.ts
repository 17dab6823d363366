import { describe, expect, it } from 'vitest'
import type { TrendPointView } from '#lib/records/labs/view.ts'
import { positionOf, rangeInWords } from './position.ts'
import { summarySentence } from './summary-sentence.ts'

let day = 28
function point(value: string, over: Partial<TrendPointView> = {}): TrendPointView {
  day -= 1
  return {
    id: value,
    value,
    valueNumber: Number(value),
    unit: 'mmol/L',
    low: 3.5,
    high: 5.1,
    flag: null,
    status: 'final',
    collectedAt: `2026-${String(1 + Math.abs(day % 12)).padStart(2, '0')}-15T12:00:00Z`,
    ...over,
  }
}
const at = (date: string) => ({ collectedAt: `${date}T12:00:00Z` })

describe('summarySentence', () => {
  it('says that there is nothing', () => expect(summarySentence([])).toBe('There is no result yet.'))

  it.each([
    ['5.6', 'Your result, 5.6 mmol/L, is above the usual range.'],
    ['3.1', 'Your result, 3.1 mmol/L, is below the usual range.'],
    ['4.2', 'Your result, 4.2 mmol/L, is in the usual range.'],
  ])('places a single value of %s', (value, sentence) =>
    expect(summarySentence([point(value)])).toBe(sentence),
  )

  it('follows the flag of the laboratory and not its own arithmetic', () => {
    expect(summarySentence([point('4.2', { flag: 'high' })])).toContain('above the usual range')
    expect(summarySentence([point('9.9', { flag: 'normal' })])).toContain('is in the usual range')
    expect(summarySentence([point('9.9', { flag: 'abnormal' })])).toContain('outside the usual range')
  })

  it('compares the newest with the ones before, whatever their order', () => {
    const points = [
      point('4.0', at('2025-05-14')),
      point('5.6', at('2026-11-21')),
      point('4.4', at('2025-12-02')),
      point('4.2', at('2026-06-03')),
    ]
    expect(summarySentence(points)).toBe(
      'Your newest result, 5.6 mmol/L, is above the usual range. The 3 before were in the usual range.',
    )
  })

  it('gives the one before by its value', () => {
    expect(summarySentence([point('5.6', at('2026-11-21')), point('4.4', at('2026-01-01'))])).toBe(
      'Your newest result, 5.6 mmol/L, is above the usual range. The one before was 4.4 mmol/L, in the usual range.',
    )
    expect(summarySentence([point('5.6', at('2026-11-21')), point('5.4', at('2026-01-01'))])).toMatch(
      /The one before was 5\.4 mmol\/L, also above the usual range\.$/,
    )
  })

  it('counts a mixed past', () => {
    const newest = point('4.0', at('2026-11-21'))
    const mixed = [
      point('5.6', at('2026-01-01')),
      point('4.1', at('2025-01-01')),
      point('3.0', at('2024-01-01')),
    ]
    expect(summarySentence([newest, ...mixed])).toMatch(/Of the 3 before, 1 was in the usual range\.$/)
    expect(summarySentence([newest, mixed[0]!, mixed[2]!])).toMatch(
      /None of the 2 before was in the usual range\.$/,
    )
    const without = point('4.0', { low: null, high: null, ...at('2023-01-01') })
    expect(summarySentence([newest, mixed[1]!, without])).toMatch(
      /Of the 2 before, 1 was in the usual range, and 1 came without one\.$/,
    )
  })

  it('does not invent a range', () => {
    const bare = { low: null, high: null }
    expect(summarySentence([point('4.2', bare)])).toBe('Your result, 4.2 mmol/L, came without a usual range.')
    expect(
      summarySentence([
        point('4.2', { ...bare, ...at('2026-03-01') }),
        point('4.0', { ...bare, ...at('2026-02-01') }),
        point('4.1', { ...bare, ...at('2026-01-01') }),
      ]),
    ).toBe(
      'Your newest result, 4.2 mmol/L, came without a usual range. The 2 before also came without a usual range.',
    )
  })

  it('leaves out what was cancelled or entered in error', () => {
    const wrong = point('56', { status: 'entered-in-error', ...at('2026-12-01') })
    const cancelled = point('0', { status: 'cancelled', ...at('2026-12-02') })
    expect(summarySentence([wrong, cancelled, point('4.2', at('2026-11-01'))])).toBe(
      'Your result, 4.2 mmol/L, is in the usual range.',
    )
  })

  it('keeps words as words', () => {
    expect(
      summarySentence([point('x', { value: 'Not detected', valueNumber: null, unit: null, flag: 'normal' })]),
    ).toBe('Your result, Not detected, is in the usual range.')
  })
})

describe('positionOf', () => {
  it('counts a limit itself as inside', () => {
    expect(positionOf(point('5.1'))).toBe('inside')
    expect(positionOf(point('3.5'))).toBe('inside')
  })
  it('works with one limit', () => {
    expect(positionOf(point('9', { low: null }))).toBe('above')
    expect(positionOf(point('9', { high: null }))).toBe('inside')
    expect(positionOf(point('1', { high: null }))).toBe('below')
  })
})

describe('rangeInWords', () => {
  it.each([
    [3.5, 5.1, '3.5 to 5.1'],
    [null, 200, '200 or less'],
    [40, null, '40 or more'],
    [0, 0.5, '0 to 0.5'],
    [null, null, null],
  ])('%s, %s → %s', (low, high, words) => expect(rangeInWords(low, high)).toBe(words))
})
