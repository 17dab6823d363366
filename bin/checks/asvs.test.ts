import { existsSync, readFileSync } from 'node:fs'
import { format } from 'prettier'
import { expect, test } from 'vitest'
import { asvsGaps, hasHeading, hasTestTitled } from './asvs-gaps.ts'
import { asvs } from './asvs-list.ts'
import { listAsvsResults } from './asvs-results.ts'
import { describeAsvs } from './describe-asvs.ts'
import { requirement } from './asvs-requirement.ts'
import type { TestRun } from './read-test-runs.ts'

const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined)

test('every requirement of the three chapters stands in the list once, and its tests and pages are there', () => {
  expect(asvsGaps(read)).toEqual([])
  expect(asvs).toHaveLength(102)
})

test('docs/asvs.md is the list of today (after a change: run this file with -u)', async () => {
  const text = await format(describeAsvs(), { parser: 'markdown', printWidth: 110 })
  await expect(text).toMatchFileSnapshot('../../docs/asvs.md')
})

test('a requirement that is missing or unknown, and a test or page that is not there, are found', () => {
  const planted = [
    ...asvs.filter(({ id }) => id !== '6.1.1').map(({ id, level, what }) => requirement(id, level, what, { open: 'planted' })),
    requirement('6.9.1', 1, 'unknown', { shownBy: [['a.test.ts', 'not there'], ['b.test.ts', 'none']] }),
    requirement('7.7.1', 1, 'unknown', { writtenIn: ['docs/a.md#nowhere'] }),
  ] // prettier-ignore
  const files: Record<string, string> = {
    'a.test.ts': "// test('not there')\ntest('there', () => {})",
    'docs/a.md': '# Here',
  }
  expect(asvsGaps((file) => files[file] ?? read(file), planted)).toEqual([
    '6.1.1 is missing',
    '6.9.1 is twice or unknown',
    '7.7.1 is twice or unknown',
    '6.9.1: no test “not there” in a.test.ts',
    '6.9.1: there is no b.test.ts',
    '7.7.1: there is no docs/a.md#nowhere',
  ])
})

test('titles and headings are read as they stand', () => {
  const source = `test.each([1])(\`a \${one}\`, f)\ndescribe('it’s \\'b\\'', f)\ntest(\n  "c",\n)\ntest.each([\n  [g(1)],\n] as const)('%s is d', f)`
  for (const words of ['a ', "'b'", 'c', 'is d']) expect(hasTestTitled(source, words), words).toBe(true)
  expect(hasTestTitled(source, 'one(')).toBe(false)
  expect(hasHeading('# A\n\n## What “it” costs: all\n', 'what-it-costs-all')).toBe(true)
  expect(hasHeading('# A\n', 'b')).toBe(false)
})

test('one failure, one skip and one absence are enough, where everything was run', () => {
  const list = [requirement('6.1.1', 1, 'first', { shownBy: [['a.test.ts', 'one'], ['a.test.ts', 'two']] })] // prettier-ignore
  const run = (title: string, how: TestRun['how']): TestRun => ({
    file: 'a.test.ts',
    titles: [title],
    title,
    how,
  })
  const bad = (runs: TestRun[], complete = true) => listAsvsResults(runs, { complete, list }).bad
  expect(bad([run('group › one', 'passed'), run('two', 'passed')])).toEqual([])
  expect(bad([run('one', 'passed'), run('two', 'failed')], false)).toEqual(['6.1.1'])
  expect(bad([run('one', 'passed'), run('two', 'skipped')])).toEqual(['6.1.1'])
  expect(bad([run('one', 'passed')])).toEqual(['6.1.1'])
  expect(bad([run('one', 'passed')], false)).toEqual([])
})
