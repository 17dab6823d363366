import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { attacks } from './attack-list.ts'
import { listAttackResults, readAttackRuns } from './attack-results.ts'

const folder = mkdtempSync(join(tmpdir(), 'vigil-attacks-'))
const report = join(folder, 'report.json')
afterAll(() => rmSync(folder, { recursive: true }))

const readBack = (content: object) => {
  writeFileSync(report, JSON.stringify(content))
  return readAttackRuns(report)
}
const result = (title: string, status: string, ...ancestorTitles: string[]) => ({
  title,
  status,
  ancestorTitles,
})

test('vitest’s tests are counted by their own titles and by those of their group, once each', () => {
  const runs = readBack({
    testResults: [
      {
        name: resolve('lib/a.test.ts'),
        assertionResults: [
          result('attack 03: once', 'passed', 'attack 03: a group'),
          result('in the group', 'failed', 'attack 57: a group'),
          result('attack 01–02: two', 'skipped'),
          result('no attack', 'passed', 'attack'),
        ],
      },
    ],
  })
  expect(runs).toEqual([
    { attacks: [3], file: 'lib/a.test.ts', how: 'passed' },
    { attacks: [57], file: 'lib/a.test.ts', how: 'failed' },
    { attacks: [1, 2], file: 'lib/a.test.ts', how: 'skipped' },
  ])
})

test('Playwright’s tests are counted, and one that passed when tried again has passed', () => {
  const spec = (title: string, status: string) => ({ title, file: 'x.e2e.ts', tests: [{ status }] })
  const runs = readBack({
    suites: [
      {
        title: 'x.e2e.ts',
        specs: [spec('attack 56: the bundle', 'expected'), spec('nothing', 'unexpected')],
        suites: [
          { title: 'attack 52: a group', specs: [spec('inside', 'flaky'), spec('beside', 'unexpected')] },
        ],
      },
    ],
  })
  expect(runs).toEqual([
    { attacks: [56], file: 'e2e/x.e2e.ts', how: 'passed' },
    { attacks: [52], file: 'e2e/x.e2e.ts', how: 'passed' },
    { attacks: [52], file: 'e2e/x.e2e.ts', how: 'failed' },
  ])
})

test('a report that is not there holds no tests', () => {
  expect(readAttackRuns(join(folder, 'missing.json'))).toEqual([])
})

test('one failure, one skip and one absence are enough, where everything was run', () => {
  const all = attacks.map(({ number }) => ({ attacks: [number], file: 'a', how: 'passed' as const }))
  expect(listAttackResults(all, { complete: true }).bad).toEqual([])
  expect(listAttackResults(all, { complete: true }).lines).toHaveLength(2 * attacks.length)
  const failed = [...all, { attacks: [9], file: 'b', how: 'failed' as const }]
  expect(listAttackResults(failed, { complete: false }).bad).toEqual([9])
  const skipped = all.map((run) => (run.attacks[0] === 43 ? { ...run, how: 'skipped' as const } : run))
  expect(listAttackResults(skipped, { complete: true }).bad).toEqual([43])
  expect(listAttackResults(skipped, { complete: false }).bad).toEqual([])
  expect(listAttackResults(all.slice(0, -1), { complete: true }).bad).toEqual([attacks.length])
  expect(listAttackResults(all.slice(0, -1), { complete: false }).lines.join()).toContain(
    `not run ${attacks.length}`,
  )
})
