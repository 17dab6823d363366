import fc from 'fast-check'
import { expect, test } from 'vitest'
import { summarize } from './summarize.ts'

test('a benchmark reports the middle of its samples, not their mean', () => {
  expect(summarize([1, 2, 3, 4, 1000]).median).toBe(3)
  expect(summarize([4, 2]).median).toBe(3)
})

test('equal samples have no spread', () => {
  expect(summarize([7, 7, 7])).toEqual({ median: 7, spread: 0 })
})

test('no samples are a fault, not a zero', () => {
  expect(() => summarize([])).toThrow('no samples')
})

test('the median lies between the extremes and does not depend on the order', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (samples) => {
      const { median, spread } = summarize(samples)
      expect(median).toBeGreaterThanOrEqual(Math.min(...samples))
      expect(median).toBeLessThanOrEqual(Math.max(...samples))
      expect(spread).toBeGreaterThanOrEqual(0)
      expect(summarize(samples.toReversed())).toEqual({ median, spread })
    }),
  )
})
