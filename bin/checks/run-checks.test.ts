import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runChecks } from './run-checks.ts'

const printed: string[] = []
beforeEach(() => {
  printed.length = 0
  vi.spyOn(console, 'log').mockImplementation((line = '') => {
    printed.push(...String(line).split('\n'))
  })
})
afterEach(() => {
  vi.restoreAllMocks()
})

const check = (name: string, passed: number, failed: number, skipped = 0) => ({
  name,
  run: () => Promise.resolve({ passed, failed, skipped }),
})

test('the last line is the sum of all checks, and the exit code says the same', async () => {
  expect(await runChecks([check('one', 3, 0), check('two', 4, 0)])).toBe(0)
  expect(printed.at(-1)).toBe('7 passed, 0 failed')
})

test('skipped tests are not hidden', async () => {
  await runChecks([check('one', 3, 0, 2)])
  expect(printed.at(-1)).toBe('3 passed, 0 failed, 2 skipped')
})

test('a failure does not keep the later checks from running', async () => {
  expect(await runChecks([check('one', 0, 1), check('two', 4, 0)])).toBe(1)
  expect(printed.at(-1)).toBe('4 passed, 1 failed')
})

test('a check that throws has failed', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const broken = { name: 'broken', run: () => Promise.reject(new Error('no such tool')) }
  expect(await runChecks([broken])).toBe(1)
  expect(printed.at(-1)).toBe('0 passed, 1 failed')
})
