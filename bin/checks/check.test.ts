import { describe, expect, test } from 'vitest'
import { countOne, countTests } from './check.ts'

describe('silence is never success', () => {
  test('a runner that wrote no report has failed, even when it ended well', () => {
    expect(countTests(0, undefined).failed).toBe(1)
  })

  test('a runner that ran nothing has failed', () => {
    expect(countTests(0, { passed: 0, failed: 0, skipped: 12 }).failed).toBe(1)
  })

  test('a runner that ended badly without naming a failed test has failed', () => {
    expect(countTests(1, { passed: 40, failed: 0, skipped: 0 })).toEqual({
      passed: 40,
      failed: 1,
      skipped: 0,
    })
  })

  test('failed tests are counted once', () => {
    expect(countTests(1, { passed: 40, failed: 2, skipped: 1 })).toEqual({
      passed: 40,
      failed: 2,
      skipped: 1,
    })
  })

  test('a run in which everything passed is passed on as it is', () => {
    expect(countTests(0, { passed: 40, failed: 0, skipped: 1 })).toEqual({
      passed: 40,
      failed: 0,
      skipped: 1,
    })
  })

  test('a tool that says only yes or no counts as one', () => {
    expect(countOne(0)).toEqual({ passed: 1, failed: 0, skipped: 0 })
    expect(countOne(2)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })
})
