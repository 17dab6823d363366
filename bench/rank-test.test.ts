import { expect, test } from 'vitest'
import { rankTest } from './rank-test.ts'

const from = (start: number, count: number, step = 1) =>
  Array.from({ length: count }, (_, at) => start + at * step)

test('two that lie wholly apart: every pair, and no chance', () => {
  const { share, p } = rankTest(from(100, 20), from(0, 20))
  expect(share).toBe(1)
  expect(p).toBeLessThan(1e-6)
})

test('the same samples twice are told apart by nothing', () => {
  expect(rankTest(from(0, 50), from(0, 50))).toMatchObject({ share: 0.5, p: expect.closeTo(1, 6) as number })
})

test('the example of a textbook: U = 3, p = 0.047 by the normal approximation without correction', () => {
  // 5 against 5, ranks 1 2 3 5 7 and 4 6 8 9 10
  const { share, p } = rankTest([1, 2, 3, 5, 7], [4, 6, 8, 9, 10])
  expect(share * 25).toBeCloseTo(3, 9)
  expect(p).toBeCloseTo(0.0472, 3)
})

test('ties count half, and all alike is no difference', () => {
  expect(rankTest([1, 1, 1], [1, 1])).toEqual({ share: 0.5, margin: 0, p: 1 })
  expect(rankTest([2, 1], [1]).share).toBe(0.75)
})

test('no samples are a fault', () => {
  expect(() => rankTest([], [1])).toThrow('no samples')
})
