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

test('neighbours that may run beside each other do, two at a time, and print one after another in the order in which they end', async () => {
  const order: string[] = []
  const gates = new Map<string, () => void>()
  const beside = (name: string) => ({
    name,
    beside: true as const,
    run: async (print?: (text: string) => void) => {
      order.push(`begin ${name}`)
      print?.(`${name} says the one thing `)
      await new Promise<void>((resolve) => {
        gates.set(name, resolve)
        if (gates.has('a') && gates.has('b') && name === 'b') resolve()
        if (name === 'c') resolve()
      })
      print?.('and the other')
      if (name === 'c') gates.get('a')?.()
      return { passed: 1, failed: 0, skipped: 0 }
    },
  })
  const after = { ...check('after', 4, 0), run: () => { order.push('begin after'); return Promise.resolve({ passed: 4, failed: 0, skipped: 0 }) } } // prettier-ignore
  expect(await runChecks([beside('a'), beside('b'), beside('c'), after])).toBe(0)
  expect(order).toEqual(['begin a', 'begin b', 'begin c', 'begin after'])
  expect(printed.filter((line) => line.includes('says'))).toEqual([
    'b says the one thing and the other',
    'c says the one thing and the other',
    'a says the one thing and the other',
  ])
  expect(printed.filter((line) => line.startsWith('ok')).map((line) => line.split(/\s+/)[1])).toEqual(['a', 'b', 'c', 'after']) // prettier-ignore
  expect(printed.at(-1)).toBe('7 passed, 0 failed')
})

test('one of several beside each other that fails or throws has failed, and keeps none from running', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const broken = {
    name: 'broken',
    beside: true as const,
    run: () => Promise.reject(new Error('no such tool')),
  }
  const besides = [
    broken,
    { ...check('one', 0, 1), beside: true as const },
    { ...check('two', 1, 0), beside: true as const },
  ]
  expect(await runChecks(besides)).toBe(1)
  expect(printed.at(-1)).toBe('1 passed, 2 failed')
})
