import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { listFailures } from './list-failures.ts'

const folder = mkdtempSync(join(tmpdir(), 'vigil-failures-'))
const report = join(folder, 'report.json')
afterAll(() => rmSync(folder, { recursive: true }))

test('names the tests of vitest that failed or were tried again and the beginning of what they said, and no others', () => {
  const testResults = [
    {
      name: 'lib/a.test.ts',
      status: 'failed',
      message: '',
      assertionResults: [
        { fullName: 'holds', status: 'passed', failureMessages: [] },
        {
          fullName: 'breaks',
          status: 'failed',
          failureMessages: ['\u001b[31mexpected 1\u001b[39m\nto be 2'],
        },
        { fullName: 'holds at last', status: 'passed', failureMessages: ['too late'] },
      ],
    },
    { name: 'lib/b.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
  ]
  writeFileSync(report, JSON.stringify({ testResults }))
  expect(listFailures(report)).toEqual([
    'lib/a.test.ts: breaks\n    expected 1\n    to be 2',
    'lib/a.test.ts: holds at last (passed when tried again)\n    too late',
    'lib/b.test.ts: could not be loaded\n    no such module',
  ])
})

test('names the failed tests of Playwright, however deep they lie, and those that passed when tried again', () => {
  const failed = {
    title: 'opens',
    file: 'a.e2e.ts',
    ok: false,
    tests: [{ results: [{ error: { message: 'no button' } }] }],
  }
  const passed = { ...failed, title: 'closes', ok: true, tests: [{ results: [{}] }] }
  const late = { ...failed, title: 'goes on', ok: true }
  const suites = [
    { title: 'a.e2e.ts', specs: [passed, late], suites: [{ title: 'inside', specs: [failed] }] },
  ]
  writeFileSync(report, JSON.stringify({ suites }))
  expect(listFailures(report)).toEqual([
    'a.e2e.ts: goes on (passed when tried again)\n    no button',
    'a.e2e.ts: opens\n    no button',
  ])
})

test('a report that is missing names nothing', () => {
  expect(listFailures(join(folder, 'missing.json'))).toEqual([])
})
